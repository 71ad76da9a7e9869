<?php
class Ampeco {
    function update($id) {
        $ch = curl_init($this->base . "/public-api/resources/users/v1.0/$id");
        curl_setopt($ch, CURLOPT_CUSTOMREQUEST, "PATCH");
        curl_setopt($ch, CURLOPT_POSTFIELDS, json_encode(["first_name" => $name]));
        return curl_exec($ch);
    }
    function create() {
        $ch = curl_init();
        curl_setopt($ch, CURLOPT_URL, $this->base . "/public-api/resources/taxes/v2.0"); // !missing-field
        curl_setopt($ch, CURLOPT_POST, 1);
        curl_setopt($ch, CURLOPT_POSTFIELDS, '{"name": "VAT"}');
        $created = curl_exec($ch);
        $ch = curl_init();
        curl_setopt($ch, CURLOPT_URL, $this->base . "/public-api/resources/sessions/v1.0");
        return curl_exec($ch);
    }
    function request($method, $path, $data = null) {
        $ch = curl_init($this->base . '/public-api' . $path);
        curl_setopt($ch, CURLOPT_CUSTOMREQUEST, $method);
        return json_decode(curl_exec($ch), true);
    }
    function all($ch) {
        curl_setopt_array($ch, [CURLOPT_URL => $b . '/public-api/resources/users/v1.0/5', CURLOPT_CUSTOMREQUEST => 'PUT']); // !unknown-method
        curl_setopt_array($ch, [CURLOPT_URL => $b . '/public-api/resources/users/v1.0', CURLOPT_POST => false]);
    }
}
