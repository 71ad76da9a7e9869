*** Settings ***
Library    RequestsLibrary

*** Test Cases ***
Sessions
    Create Session    api    https://tenant.example.com/public-api
    ${found}=    GET On Session    api    /resources/sessions/v1.0
    ${page}=    GET On Session    api    /resources/sessions/v1.0?limit=5    # !unknown-parameter
    PUT On Session    api    /resources/sessions/v1.0    json=${body}    # !unknown-method
    ${few}=    GET On Session    api    /resources/users/v1.0    params=per_page=5    expected_status=any
    ${few}=    GET On Session    api    /resources/users/v1.0    params=limit=5    # !unknown-parameter
