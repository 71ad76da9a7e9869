<?php
class Client {
    const BASE = 'https://tenant.test/public-api';
    const USERS = self::BASE . '/resources/users/v1.0';
    public function ok($id) {
        $this->http->get(self::USERS, ['query' => ['per_page' => 10, 'filter' => ['email' => $mail]]]);
        $this->http->request('PATCH', self::BASE . "/resources/users/v1.0/{$id}", ['json' => ['first_name' => $name]]);
        Http::withToken($token)->post("{$this->base}/resources/taxes/v2.0", ['name' => 'VAT', 'percentage' => 20]);
        return file_get_contents(self::BASE . '/resources/sessions/v1.0?' . http_build_query(['per_page' => 5]));
    }
    public function a() { return $this->http->get(self::USERS, ['query' => ['limit' => 10]]); } // !unknown-parameter
    public function b($id) { return $this->http->request('PUT', self::USERS . "/{$id}"); } // !unknown-method
    public function c() { return Http::post("{$this->base}/resources/taxes/v2.0", ['name' => 'VAT']); } // !missing-field
    public function d() {
        $query = ['filter' => ['state' => 'active']];
        return $this->http->get(self::BASE . '/resources/sessions/v1.0?' . http_build_query($query)); // !unknown-filter
    }
    public function e() { return Http::get("{$this->base}/resources/sesions/v1.0", ['per_page' => 5]); } // !unknown-operation
}
