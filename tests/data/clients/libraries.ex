defmodule Ampeco do
  @base "https://tenant.test/public-api"
  def users, do: HTTPoison.get!("#{@base}/resources/users/v1.0", headers(), params: [per_page: 50])
  def user(id), do: Req.get!(@base <> "/resources/users/v1.0/#{id}")
  def tax, do: Req.post!(@base <> "/resources/taxes/v2.0", json: %{name: "VAT", percentage: 20})
  def limited, do: HTTPoison.get!("#{@base}/resources/users/v1.0", headers(), params: [limit: 50]) # !unknown-parameter
  def replace(id, body), do: Tesla.put(client(), "/public-api/resources/users/v1.0/#{id}", body) # !unknown-method
  def partial, do: Req.post!(@base <> "/resources/taxes/v2.0", json: %{name: "VAT"}) # !missing-field
  def gone(id), do: Req.get!(@base <> "/resources/user/v1.0/#{id}") # !unknown-operation
end
