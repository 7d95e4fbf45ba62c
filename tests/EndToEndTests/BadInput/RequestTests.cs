using System.Net;
using System.Net.Http.Headers;
using System.Text;
using EndToEndTests.Fixture;
using KubeApi;
using KubeApi.Objects;

namespace EndToEndTests.BadInput;

/// <summary>What a client other than kubectl may send: answered with Kubernetes' code and reason, nothing stored.</summary>
public sealed class RequestTests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Theory]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":[1,2]}""", 400, "BadRequest")]
    [InlineData("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"}}""", 400, "BadRequest")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{}}""", 422, "Invalid")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"Not A Name"}}""", 422, "Invalid")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","namespace":"elsewhere"}}""", 400, "BadRequest")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}""", 400, "BadRequest")]
    [InlineData("[]", 400, "BadRequest")]
    [InlineData("", 400, "BadRequest")]
    public Task A_wrong_body_is_refused(string body, int code, string reason) => Refused(Encoding.UTF8.GetBytes(body), (HttpStatusCode)code, reason);

    [Fact]
    public async Task Random_bytes_are_refused()
    {
        var random = new Random(20150714);
        for (var round = 0; round < 50; round++)
        {
            var bytes = new byte[random.Next(1, 4096)];
            random.NextBytes(bytes);
            await Refused(bytes, HttpStatusCode.BadRequest, "BadRequest");
        }
    }

    [Fact]
    public Task A_body_over_three_megabytes_is_refused()
    {
        var body = $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"large"},"data":{"a":"{{{new string('a', 3 * 1024 * 1024)}}}"}}""";
        return Refused(Encoding.UTF8.GetBytes(body), HttpStatusCode.RequestEntityTooLarge, "RequestEntityTooLarge");
    }

    [Fact]
    public async Task Without_a_client_certificate_nothing_is_told()
    {
        var config = Kubeconfig.Load(Cluster.Kubeconfig);
        using var handler = config.CreateHandler();
        handler.SslOptions.ClientCertificates = null;
        using var http = new HttpClient(handler);
        using var answer = await http.GetAsync($"{config.Server}/api/v1/namespaces/default/secrets");
        Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, $"{answer.StatusCode}");
        Assert.DoesNotContain("\"items\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>Posts it as a new ConfigMap: the Status says why not, and there are the same as before.</summary>
    private async Task Refused(byte[] body, HttpStatusCode code, string reason)
    {
        var config = Kubeconfig.Load(Cluster.Kubeconfig);
        using var http = new HttpClient(config.CreateHandler());
        var path = $"{config.Server}/api/v1/namespaces/default/configmaps";
        var before = await Names(http, path);
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var answer = await http.PostAsync(path, content);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == code, $"{(int)answer.StatusCode}: {text}");
        var status = KubeJson.Deserialize<Status>(Encoding.UTF8.GetBytes(text));
        Assert.Equal(("Status", "Failure", reason, (int)code), (status.Kind, status.Outcome, status.Reason, status.Code));
        Assert.False(string.IsNullOrEmpty(status.Message));
        Assert.Equal(before, await Names(http, path));
    }

    private static async Task<IEnumerable<string>> Names(HttpClient http, string path) =>
        KubeJson.Deserialize<KubeList<ConfigMap>>(await http.GetByteArrayAsync(path)).Items.Select(map => map.Name);
}
