using System.Net;
using KubeApi.Objects;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodeAgent.Probes;

namespace UnitTests.Probes;

/// <summary>The gRPC health check against a real HTTP/2 server.</summary>
public class GrpcProbeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(1, "Success", "service healthy")]
    [InlineData(2, "Failure", "service unhealthy (responded with \"NOT_SERVING\")")]
    [InlineData(3, "Failure", "service unhealthy (responded with \"SERVICE_UNKNOWN\")")]
    public async Task The_status_decides(int status, string result, string output)
    {
        byte[] asked = [];
        await using var server = await Server(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            asked = body.ToArray();
            await Answer(context, [0, 0, 0, 0, 2, 8, (byte)status], "0");
        });
        var outcome = await Check(server, "db");
        Assert.Equal((result, output), ($"{outcome.Result}", outcome.Output));
        Assert.Equal([0, 0, 0, 0, 4, 10, 2, (byte)'d', (byte)'b'], asked);
    }

    [Fact]
    public async Task A_server_without_the_health_service_is_named_so()
    {
        await using var server = await Server(context => Answer(context, [], "12", "unknown service grpc.health.v1.Health"));
        Assert.Equal(ProbeOutcome.Failure("error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service grpc.health.v1.Health"), await Check(server));
    }

    [Fact]
    public async Task A_service_that_is_not_known_and_an_HTTP_server_fail()
    {
        await using var server = await Server(context => Answer(context, [], "5", "unknown%20service"));
        Assert.Equal(ProbeOutcome.Failure("error: health rpc probe failed: rpc error: code = NotFound desc = unknown service"), await Check(server));
        await using var plain = new RawServer(_ => "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", wholeRequest: false);
        Assert.StartsWith("error: health rpc probe failed: rpc error: code = Unavailable desc = ", (await Check(plain.Port)).Output);
    }

    [Fact]
    public async Task Without_an_answer_in_time_it_fails()
    {
        await using var silent = new RawServer(_ => null);
        Assert.Equal(ProbeOutcome.Failure("timeout: health rpc did not complete within 1s"), await Check(silent.Port));
        await using var server = await Server(context => Answer(context, new byte[100_000], "0"));
        Assert.StartsWith("error: health rpc probe failed: ", (await Check(server)).Output); // no such answer exists
    }

    private static async Task<ProbeOutcome> Check(WebApplication server, string? service = null) =>
        await Check(new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port, service);

    private static async Task<ProbeOutcome> Check(int port, string? service = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        return await GrpcProbe.Check(new GRPCAction { Port = port, Service = service }, "127.0.0.1", Second, limit.Token);
    }

    private static async Task Answer(HttpContext context, byte[] message, string status, string? text = null)
    {
        context.Response.ContentType = "application/grpc";
        context.Response.DeclareTrailer("grpc-status");
        if (message.Length > 0) await context.Response.Body.WriteAsync(message);
        context.Response.AppendTrailer("grpc-status", status);
        if (text is not null) context.Response.AppendTrailer("grpc-message", text);
    }

    private static async Task<WebApplication> Server(RequestDelegate serve)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var server = builder.Build();
        server.MapPost("/grpc.health.v1.Health/Check", serve);
        await server.StartAsync();
        return server;
    }
}
