Feature: users
  Background:
    * url 'https://t.test/public-api'
  Scenario: ok
    Given path 'resources', 'users', 'v1.0'
    And param per_page = 5
    When method get
    Then status 200
  Scenario: bad
    Given url 'https://t.test/public-api/resources/users/v1.0' // !unknown-parameter
    And param limit = 5
    When method get
  Scenario: put
    Given path '/resources/users/v1.0/5' // !unknown-method
    And request { name: 'x' }
    When method put
  Scenario: unknown
    Given path '/resources/userz/v1.0' // !unknown-operation
    When method get
