using System.Net;
using System.Net.Sockets;
using KubeApi.Objects;

namespace NodeAgent.Probes;

/// <summary>A container whose gRPC health service says SERVING passes (grpc.health.v1.Health/Check; HTTP/2 without TLS).</summary>
internal static class GrpcProbe
{
    private const int DeadlineExceeded = 4, Unimplemented = 12;

    public static async Task<ProbeOutcome> Check(GRPCAction action, string address, TimeSpan timeout, CancellationToken cancel)
    {
        var target = Dialer.Target(address, action.Port);
        Socket connection;
        try { connection = await Dialer.Connect(address, action.Port, cancel); }
        catch (DialException e)
        {
            return ProbeOutcome.Failure(e.TimedOut ? $"timeout: failed to connect service \"{target}\" within {GoDuration.Of(timeout)}: context deadline exceeded"
                : $"error: failed to connect service at \"{target}\": {e.Message}");
        }
        try
        {
            var (status, message, answer) = await Call(connection, target, action.Service ?? "", cancel);
            return (status, answer) switch
            {
                (0, not null) => GrpcHealthMessage.Status(answer) is "SERVING" ? ProbeOutcome.Success("service healthy")
                    : ProbeOutcome.Failure($"service unhealthy (responded with \"{GrpcHealthMessage.Status(answer)}\")"),
                (Unimplemented, _) => ProbeOutcome.Failure($"error: this server does not implement the grpc health protocol (grpc.health.v1.Health): {message}"),
                (DeadlineExceeded, _) => TimedOut(timeout),
                _ => ProbeOutcome.Failure($"error: health rpc probe failed: rpc error: code = {GrpcStatus.Name(status)} desc = {message}"),
            };
        }
        catch (OperationCanceledException) { return TimedOut(timeout); }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return ProbeOutcome.Failure($"error: health rpc probe failed: rpc error: code = Unavailable desc = {e.GetBaseException().Message}");
        }
        finally { connection.Dispose(); }
    }

    private static ProbeOutcome TimedOut(TimeSpan timeout) => ProbeOutcome.Failure($"timeout: health rpc did not complete within {GoDuration.Of(timeout)}");

    /// <summary>One unary call on a connection of its own.</summary>
    private static async Task<(int Status, string Message, byte[]? Answer)> Call(Socket connection, string target, string service, CancellationToken cancel)
    {
        using var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null,
            ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new NetworkStream(connection, ownsSocket: true)),
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{target}/grpc.health.v1.Health/Check")
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent(GrpcHealthMessage.Request(service)),
        };
        request.Headers.TryAddWithoutValidation("User-Agent", HttpProbe.UserAgent);
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        using var response = await client.SendAsync(request, cancel);
        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        var answer = await GrpcHealthMessage.Read(body, cancel);
        var (status, message) = GrpcStatus.Of(response);
        return (status, message, answer);
    }
}
