using System.Net;
using System.Net.Sockets;
using System.Text;
using KubeApi.Objects;
using NodeAgent.Probes;

namespace UnitTests.Probes;

/// <summary>HTTP probes against servers that say exactly what they are told to.</summary>
public class HttpProbeTests
{
    private static readonly Container Container = new() { Name = "c", Ports = [new ContainerPort { Name = "web", Port = 8080 }] };

    [Theory]
    [InlineData("200 OK", "Success", "")]
    [InlineData("204 No Content", "Success", "")]
    [InlineData("404 Not Found", "Failure", "HTTP probe failed with statuscode: 404")]
    [InlineData("500 Internal Server Error", "Failure", "HTTP probe failed with statuscode: 500")]
    [InlineData("304 Not Modified", "Warning", "Probe terminated redirects, Response body: ")]
    public async Task The_code_decides(string status, string result, string output)
    {
        await using var server = new RawServer(_ => $"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal((result, output), await Probe(server.Port));
    }

    [Fact]
    public async Task The_request_is_a_kubelets()
    {
        await using var server = new RawServer(_ => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await Probe(server.Port, path: "/health%2Fz?full=1#part");
        Assert.Equal(
            $"GET /health%2Fz?full=1 HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\nConnection: close\r\nUser-Agent: kube-probe/1.36\r\nAccept: */*\r\n\r\n",
            server.Requests.Single());
    }

    [Fact]
    public async Task Headers_of_the_probe_come_first_and_empty_ones_are_left_out()
    {
        await using var server = new RawServer(_ => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await Probe(server.Port, headers: [new() { Name = "Host", Value = "example.com" }, new() { Name = "X-A", Value = "1" }, new() { Name = "X-A", Value = "2" },
            new() { Name = "accept", Value = "" }, new() { Name = "User-Agent", Value = "me" }]);
        var request = server.Requests.Single();
        Assert.Contains("Host: example.com\r\n", request);
        Assert.Contains("User-Agent: me\r\n", request);
        Assert.Contains("X-A: 1", request);
        Assert.Contains("2\r\n", request);
        Assert.DoesNotContain("Accept", request, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_redirect_is_followed_to_the_same_host_only()
    {
        await using var server = new RawServer(request => request.StartsWith("GET /new ") ? "HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n"
            : request.StartsWith("GET /away ") ? "HTTP/1.1 302 Found\r\nLocation: http://example.invalid/\r\nContent-Length: 4\r\n\r\naway"
            : request.StartsWith("GET /round ") ? "HTTP/1.1 302 Found\r\nLocation: /round\r\nContent-Length: 0\r\n\r\n"
            : "HTTP/1.1 301 Moved\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(("Failure", "HTTP probe failed with statuscode: 500"), await Probe(server.Port, "/old"));
        Assert.Equal(("Warning", "Probe terminated redirects, Response body: away"), await Probe(server.Port, "/away"));
        Assert.Equal(("Failure", $"Get \"http://127.0.0.1:{server.Port}/round\": stopped after 10 redirects"), await Probe(server.Port, "/round"));
    }

    [Fact]
    public async Task Nobody_listening_and_no_answer_have_Kubernetes_words()
    {
        var port = FreePort.Find();
        Assert.Equal(("Failure", $"Get \"http://127.0.0.1:{port}/\": dial tcp 127.0.0.1:{port}: connect: connection refused"), await Probe(port));
        await using var silent = new RawServer(_ => null);
        Assert.Equal(("Failure", $"Get \"http://127.0.0.1:{silent.Port}/\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"), await Probe(silent.Port, timeout: 1));
        await using var closing = new RawServer(_ => "");
        Assert.Equal(("Failure", $"Get \"http://127.0.0.1:{closing.Port}/\": EOF"), await Probe(closing.Port));
        Assert.Equal(("Failure", $"Get \"https://127.0.0.1:{closing.Port}/\": EOF"), await Probe(closing.Port, scheme: "HTTPS"));
        await using var plain = new RawServer(_ => "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", wholeRequest: false);
        Assert.Equal(("Failure", $"Get \"https://127.0.0.1:{plain.Port}/\": http: server gave HTTP response to HTTPS client"), await Probe(plain.Port, scheme: "HTTPS"));
        await using var nonsense = new RawServer(_ => "hello\r\n\r\n");
        Assert.StartsWith($"Get \"http://127.0.0.1:{nonsense.Port}/\": net/http: HTTP/1.x transport connection broken: malformed HTTP response", (await Probe(nonsense.Port)).Output);
    }

    [Fact]
    public async Task An_endless_answer_ends_the_check_all_the_same()
    {
        await using var server = new RawServer(_ => "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + new string('x', 200_000));
        Assert.Equal(("Success", ""), await Probe(server.Port));
        await using var headers = new RawServer(_ => "HTTP/1.1 200 OK\r\nX: " + new string('x', 2_000_000));
        Assert.Equal("Failure", (await Probe(headers.Port)).Result);
    }

    [Theory]
    [InlineData("nosuch", "strconv.Atoi: parsing \"nosuch\": invalid syntax")]
    [InlineData("70000", "invalid port number: 70000")]
    public void A_port_that_is_not_there_has_Kubernetes_words(string port, string message) =>
        Assert.Equal(message, Assert.Throws<BadProbeException>(() => ProbePort.Resolve(port, Container)).Message);

    [Fact]
    public void A_port_is_found_by_number_by_name_and_as_text() =>
        Assert.Equal([80, 8080, 443], new[] { ProbePort.Resolve(80, Container), ProbePort.Resolve("web", Container), ProbePort.Resolve("443", Container) });

    [Fact]
    public async Task A_TCP_probe_wants_a_connection_only()
    {
        await using var server = new RawServer(_ => null);
        var port = FreePort.Find();
        Assert.Equal(ProbeOutcome.Success(), await TcpProbe.Check(new TCPSocketAction { Port = server.Port }, Container, "127.0.0.1", CancellationToken.None));
        Assert.Equal(ProbeOutcome.Failure($"dial tcp 127.0.0.1:{port}: connect: connection refused"),
            await TcpProbe.Check(new TCPSocketAction { Port = port }, Container, "127.0.0.1", CancellationToken.None));
    }

    private static async Task<(string Result, string Output)> Probe(int port, string? path = null, string? scheme = null, IReadOnlyList<HTTPHeader>? headers = null, int timeout = 30)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(timeout));
        var action = new HTTPGetAction { Port = port, Path = path, Scheme = scheme, HttpHeaders = headers };
        var outcome = await HttpProbe.Check(action, Container, "127.0.0.1", limit.Token);
        return ($"{outcome.Result}", outcome.Output);
    }
}
