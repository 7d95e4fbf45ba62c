using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using UnitTests.ApiServer;
using Xunit;

namespace UnitTests.Identity;

[Collection("ApiServer")]
public sealed class TokenTests(TestServer server)
{
    [Fact]
    public async Task A_token_is_its_service_account_until_that_is_gone_even_if_another_one_takes_its_name()
    {
        var ns = await server.Namespace();
        await Account(ns, "robot");
        using var client = server.Bearer(await Token(ns, "robot"));
        var who = await WhoAmI(client);
        Assert.Equal($"system:serviceaccount:{ns}:robot", (string?)who["username"]);
        Assert.Equal(["system:serviceaccounts", $"system:serviceaccounts:{ns}", "system:authenticated"], who["groups"]!.AsArray().Select(group => (string)group!));
        Assert.StartsWith("JTI=", (string?)who["extra"]!["authentication.kubernetes.io/credential-id"]![0]);
        await server.Refused(403, "Forbidden", $"pods is forbidden: User \"system:serviceaccount:{ns}:robot\" cannot list resource \"pods\" in API group \"\" in the namespace \"{ns}\"",
            HttpMethod.Get, $"/api/v1/namespaces/{ns}/pods", client: client);

        await server.Expect(200, HttpMethod.Delete, $"/api/v1/namespaces/{ns}/serviceaccounts/robot");
        await server.Refused(401, "Unauthorized", "Unauthorized", HttpMethod.Get, "/api", client: client);
        await Account(ns, "robot");
        await server.Expect(401, HttpMethod.Get, "/api", client: client);
    }

    [Fact]
    public async Task A_token_bound_to_a_pod_says_so_and_ends_with_it()
    {
        var ns = await server.Namespace();
        var pod = await Pod(ns, "p");
        var bound = """{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"p","uid":"UID"}}}""";
        await server.Refused(409, "Conflict", $"Operation cannot be fulfilled on pods \"p\": the UID in the bound object reference (UID) does not match the UID in record. The object might have been deleted and then recreated",
            HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts/default/token", bound);
        var token = await Token(ns, "default", bound.Replace("UID", pod));
        var claims = Claims(token);
        Assert.Equal("https://kubernetes.default.svc.cluster.local", (string?)claims["iss"]);
        Assert.Equal((string?)claims["iss"], (string?)claims["aud"]![0]);
        Assert.Equal(3600, (long)claims["exp"]! - (long)claims["iat"]!);
        Assert.Equal(pod, (string?)claims["kubernetes.io"]!["pod"]!["uid"]);
        using var client = server.Bearer(token);
        Assert.Equal("p", (string?)(await WhoAmI(client))["extra"]!["authentication.kubernetes.io/pod-name"]![0]);
        await server.Expect(200, HttpMethod.Delete, $"/api/v1/namespaces/{ns}/pods/p");
        await server.Expect(401, HttpMethod.Get, "/api", client: client);
        await Account(ns, "other");
        await Pod(ns, "q");
        await server.Refused(400, "BadRequest", "cannot bind token for serviceaccount \"other\" to pod running with different serviceaccount name.",
            HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts/other/token", """{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"q"}}}""");
    }

    [Fact]
    public async Task A_token_for_others_or_altered_or_unsigned_is_unauthorized()
    {
        var ns = await server.Namespace();
        var token = await Token(ns, "default");
        var foreign = await Token(ns, "default", """{"spec":{"audiences":["vault"],"expirationSeconds":600}}""");
        var parts = token.Split('.');
        var claims = Claims(token);
        claims["sub"] = "system:serviceaccount:kube-system:default";
        var altered = $"{parts[0]}.{Encode(claims)}.{parts[2]}";
        var unsigned = $"{Encode(new JsonObject { ["alg"] = "none" })}.{Encode(claims)}.";
        foreach (var bad in new[] { foreign, altered, unsigned, parts[0] + "." + parts[1], "x", "..", token + "A", new string('a', 100_000) })
        {
            using var client = server.Bearer(bad);
            using var response = await server.Send(HttpMethod.Get, "/api", client: client);
            Assert.True((int)response.StatusCode is 401 or 431, $"{bad[..Math.Min(40, bad.Length)]}: {response.StatusCode}"); // 431: longer than any header may be
        }
    }

    [Theory]
    [InlineData(599, "may not specify a duration less than 10 minutes")]
    [InlineData(4294967297, "may not specify a duration larger than 2^32 seconds")]
    public async Task Lifetimes_have_bounds(long seconds, string problem)
    {
        var ns = await server.Namespace();
        await server.Refused(422, "Invalid", $"TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: {seconds}: {problem}",
            HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts/default/token", """{"spec":{"expirationSeconds":N}}""".Replace("N", seconds.ToString()));
        await server.Refused(404, "NotFound", "serviceaccounts \"nobody\" not found", HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts/nobody/token", "{}");
    }

    [Fact]
    public async Task A_token_review_tells_whose_a_token_is_and_for_which_audience()
    {
        var ns = await server.Namespace();
        var token = await Token(ns, "default", """{"spec":{"audiences":["vault","other"]}}""");
        var status = (await Review(token, """,\"audiences\":[\"vault\",\"else\"]""".Replace("\\", "")))["status"]!;
        Assert.True((bool)status["authenticated"]!);
        Assert.Equal($"system:serviceaccount:{ns}:default", (string?)status["user"]!["username"]);
        Assert.Equal("vault", (string?)status["audiences"]!.AsArray().Single());
        Assert.Equal("invalid bearer token", (string?)(await Review(token, ""))["status"]!["error"]);
        Assert.Null((await Review("nonsense", ""))["status"]!["authenticated"]);
        await server.Refused(400, "BadRequest", "token is required for TokenReview in authentication", HttpMethod.Post, "/apis/authentication.k8s.io/v1/tokenreviews", "{}");
    }

    [Fact]
    public async Task A_join_token_is_known_by_its_secret_while_it_holds()
    {
        await Join("abc123", "0123456789abcdef", ("expiration", DateTime.UtcNow.AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'")), ("auth-extra-groups", "system:bootstrappers:workers"));
        using (var good = server.Bearer("abc123.0123456789abcdef"))
        {
            var who = await WhoAmI(good);
            Assert.Equal("system:bootstrap:abc123", (string?)who["username"]);
            Assert.Equal(["system:bootstrappers", "system:bootstrappers:workers", "system:authenticated"], who["groups"]!.AsArray().Select(group => (string)group!));
        }
        await Join("old123", "0123456789abcdef", ("expiration", "2020-01-01T00:00:00Z"));
        await Join("use123", "0123456789abcdef", ("usage-bootstrap-authentication", "false"));
        await Join("grp123", "0123456789abcdef", ("auth-extra-groups", "system:masters"));
        foreach (var bad in new[] { "abc123.0123456789abcdee", "abc124.0123456789abcdef", "old123.0123456789abcdef", "use123.0123456789abcdef", "grp123.0123456789abcdef", "abc123.", "abc123.0123456789ABCDEF" })
        {
            using var client = server.Bearer(bad);
            await server.Expect(401, HttpMethod.Get, "/api", client: client);
        }
    }

    [Fact]
    public async Task Service_accounts_find_the_public_keys_and_nobody_else()
    {
        var ns = await server.Namespace();
        var token = await Token(ns, "default");
        using var client = server.Bearer(token);
        var configuration = await server.Expect(200, HttpMethod.Get, "/.well-known/openid-configuration", client: client);
        Assert.Equal(configuration["issuer"] + "/openid/v1/jwks", (string?)configuration["jwks_uri"]);
        var keys = await server.Expect(200, HttpMethod.Get, "/openid/v1/jwks", client: client);
        var header = JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[0]))!;
        Assert.Equal((string?)header["kid"], (string?)keys["keys"]![0]!["kid"]);
        Assert.Null(keys["keys"]![0]!["d"]);
        using var jane = server.Client("jane");
        await server.Expect(403, HttpMethod.Get, "/openid/v1/jwks", client: jane);
    }

    private async Task<JsonNode> WhoAmI(HttpClient client) =>
        (await server.Expect(201, HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", client: client))["status"]!["userInfo"]!;

    private Task<JsonNode> Review(string token, string more) =>
        server.Expect(201, HttpMethod.Post, "/apis/authentication.k8s.io/v1/tokenreviews", $$$"""{"spec":{"token":"{{{token}}}"{{{more}}}}}""");

    private Task Account(string ns, string name) => server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts", $$$"""{"metadata":{"name":"{{{name}}}"}}""");

    private async Task<string> Pod(string ns, string name) =>
        (string)(await server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"containers":[{"name":"c","image":"nginx"}]}}"""))["metadata"]!["uid"]!;

    private async Task<string> Token(string ns, string account, string body = "{}") =>
        (string)(await server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts/{account}/token", body))["status"]!["token"]!;

    private async Task Join(string id, string secret, params (string Key, string Value)[] more)
    {
        var data = new JsonObject { ["token-id"] = id, ["token-secret"] = secret, ["usage-bootstrap-authentication"] = "true" };
        foreach (var (key, value) in more) data[key] = value;
        var body = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "bootstrap-token-" + id }, ["type"] = "bootstrap.kubernetes.io/token", ["stringData"] = data };
        await server.Expect(201, HttpMethod.Post, "/api/v1/namespaces/kube-system/secrets", body.ToJsonString());
    }

    private static JsonObject Claims(string token) => JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!.AsObject();

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
