my $base = 'https://tenant.test/public-api';
my $res = $ua->get("$base/resources/users/v1.0?per_page=10");
my $one = $ua->get($base . '/resources/users/v1.0/' . $id);
my $bad = $ua->get("$base/resources/users/v1.0?limit=10"); # !unknown-parameter
my $req = HTTP::Request->new(PUT => "$base/resources/users/v1.0/$id"); # !unknown-method
my $old = $ua->get("$base/resources/taxes/v9.0"); # !unknown-version
