(def base "https://t.test/public-api")
(defn ok [] (client/get (str base "/resources/users/v1.0") {:query-params {"per_page" 5}}))
(defn bad [] (client/get (str base "/resources/users/v1.0") {:query-params {"limit" 5}})) ; -- !unknown-parameter
(defn bad2 [] (client/get (str base "/resources/users/v1.0") {:query-params {:size 5} :as :json})) ; -- !unknown-parameter
(defn put [id] (client/put (str base "/resources/users/v1.0/" id) {:form-params {} :content-type :json})) ; -- !unknown-method
(defn post [] (client/post (str base "/resources/taxes/v2.0") {:body (json/encode {:name "VAT"}) :content-type :json})) ; -- !missing-field
(defn post2 [] (client/post (str base "/resources/taxes/v2.0") {:body (json/encode {:name "VAT" :percentage 20})}))
(defn ver [] @(http/request {:method :get :url (str base "/resources/users/v9.0")})) ; -- !unknown-version
#_(client/get (str base "/resources/none/v1.0"))
(comment (client/get (str base "/resources/none/v1.0")))
