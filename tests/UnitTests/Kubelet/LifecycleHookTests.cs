using System.Net;
using System.Net.Sockets;
using KubeApi.Objects;
using Linux;
using NodeAgent.Kubelet;

namespace UnitTests.Kubelet;

/// <summary>Hooks that are requests and sleeps; commands need a container (KernelTests).</summary>
public class LifecycleHookTests
{
    private static readonly LifecycleHooks Hooks = new(new OciRuntime("/nonexistent", "/nonexistent"));

    private static Container Named(int port) => new() { Name = "c", Ports = [new ContainerPort { Name = "web", Port = port }] };

    private static Task Run(HTTPGetAction get, int port) => Hooks.Run(new LifecycleHandler { HttpGet = get }, Named(port), "id", "127.0.0.1", CancellationToken.None);

    [Theory]
    [InlineData(200)]
    [InlineData(500)]
    public async Task Any_answer_to_a_request_is_a_success(int code)
    {
        using var server = new Server(code);
        await Run(new HTTPGetAction { Port = "web", Path = "/a/b?c=d", HttpHeaders = [new HTTPHeader { Name = "X-Mine", Value = "yes" }, new HTTPHeader { Name = "Host", Value = "example.com" }] }, server.Port);
        Assert.StartsWith("GET /a/b?c=d HTTP/1.1\r\n", server.Request, StringComparison.Ordinal);
        Assert.Contains("X-Mine: yes\r\n", server.Request, StringComparison.Ordinal);
        Assert.Contains("Host: example.com\r\n", server.Request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_nobody_answers_fails()
    {
        int port;
        using (var server = new Server(200)) port = server.Port;
        await Assert.ThrowsAsync<HookException>(() => Run(new HTTPGetAction { Port = port }, port));
    }

    [Fact]
    public async Task A_port_that_the_container_does_not_name_fails() =>
        await Assert.ThrowsAsync<HookException>(() => Run(new HTTPGetAction { Port = "other" }, 80));

    [Fact]
    public async Task Https_to_a_server_that_speaks_http_is_sent_as_http()
    {
        using var server = new Server(200);
        await Run(new HTTPGetAction { Port = server.Port, Scheme = "HTTPS" }, server.Port);
        Assert.StartsWith("GET / HTTP/1.1\r\n", server.Request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_sleep_that_an_earlier_agent_began_only_the_rest_is_slept()
    {
        var hook = new LifecycleHandler { Sleep = new SleepAction { Seconds = 3600 } };
        await Hooks.Resume(hook, Named(1), "id", "127.0.0.1", DateTime.UtcNow.AddSeconds(-3600), CancellationToken.None);
        using var cancel = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Hooks.Resume(hook, Named(1), "id", "127.0.0.1", DateTime.UtcNow, cancel.Token));
    }

    /// <summary>Answers every request with this code.</summary>
    private sealed class Server : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);

        public Server(int code)
        {
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
            _ = Task.Run(() => Serve(code));
        }

        public int Port { get; }

        /// <summary>The last one.</summary>
        public string Request { get; private set; } = "";

        public void Dispose() => listener.Stop();

        private async Task Serve(int code)
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync();
                    var buffer = new byte[4096];
                    Request = System.Text.Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer));
                    // A TLS client hello is answered as every plain server answers nonsense.
                    var status = Request.StartsWith("GET", StringComparison.Ordinal) ? code : 400;
                    await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException) { }
        }
    }
}
