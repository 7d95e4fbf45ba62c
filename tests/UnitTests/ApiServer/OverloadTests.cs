using System.Net;
using System.Text;
using KubeApi;
using KubeApi.Objects;
using Xunit;

namespace UnitTests.ApiServer;

/// <summary>A server that has more to do than it may take on.</summary>
public sealed class OverloadTests : IAsyncLifetime
{
    private const int Limit = 3, Reserve = 1; // the requests are an administrator's

    private const string Maps = "/api/v1/namespaces/default/configmaps";

    private readonly TestServer server = new() { MaxWritesInFlight = Limit };

    public Task InitializeAsync() => server.InitializeAsync();

    public Task DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task One_request_too_many_is_told_to_come_back_and_the_others_are_served()
    {
        var release = new TaskCompletionSource();
        var slow = Enumerable.Range(0, Limit + Reserve).Select(i => Slow($"slow-{i}", release.Task)).ToList();
        using (var refused = await RefusedSoon())
        {
            Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
            var text = await refused.Content.ReadAsStringAsync();
            Assert.Contains("\"reason\":\"TooManyRequests\"", text);
            Assert.Contains("Too many requests, please try again later.", text);
        }
        await server.Expect(200, HttpMethod.Get, Maps); // reading has places of its own
        using (var health = await server.Send(HttpMethod.Get, "/readyz")) Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        using var node = server.Client("system:node:node1", "system:nodes");
        await server.Expect(201, HttpMethod.Post, "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", """{"metadata":{"name":"node1"}}""", client: node);

        using var api = server.Api();
        var patient = api.Create(new ConfigMap { Metadata = new ObjectMeta { Name = "patient", Namespace = "default" } }, CancellationToken.None);
        Assert.False(patient.IsCompleted);
        release.SetResult();
        foreach (var answer in await Task.WhenAll(slow)) Assert.Equal(HttpStatusCode.Created, answer);
        Assert.Equal("patient", (await patient).Name);
    }

    /// <summary>Creates until one is refused: the slow ones take their places one after the other.</summary>
    private async Task<HttpResponseMessage> RefusedSoon()
    {
        for (var i = 0; i < 500; i++)
        {
            var response = await server.Send(HttpMethod.Post, $"{Maps}?dryRun=All", """{"metadata":{"name":"quick"}}""");
            if (response.StatusCode == HttpStatusCode.TooManyRequests) return response;
            response.Dispose();
            await Task.Delay(20);
        }
        throw new TimeoutException("no request was refused");
    }

    private async Task<HttpStatusCode> Slow(string name, Task release)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Maps) { Content = new SlowContent("{\"metadata\":{\"name\":\"" + name + "\"}}", release) };
        request.Content.Headers.ContentType = new("application/json");
        using var response = await server.Admin.SendAsync(request);
        return response.StatusCode;
    }

    /// <summary>Spaces, slowly, until the text may follow.</summary>
    private sealed class SlowContent(string text, Task release) : HttpContent
    {
        private static readonly byte[] Spaces = Encoding.ASCII.GetBytes(new string(' ', 256));

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            while (!release.IsCompleted)
            {
                await stream.WriteAsync(Spaces);
                await stream.FlushAsync();
                await Task.WhenAny(release, Task.Delay(200));
            }
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
