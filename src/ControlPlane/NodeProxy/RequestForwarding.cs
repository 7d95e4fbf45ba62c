using KubeApi;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace ControlPlane.NodeProxy;

/// <summary>
/// Passes a client's request on to another server and its answer back, both streamed, and goes on with the raw bytes of
/// both sides where that server agrees to an upgrade (apimachinery's UpgradeAwareHandler).
/// </summary>
internal static class RequestForwarding
{
    private const int BufferSize = 32 * 1024;

    /// <summary>Of one connection only (RFC 9110 7.6.1), or made anew for the other server, or not for its eyes: who the client is.</summary>
    private static readonly HashSet<string> NotPassedOn = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "Host", "Content-Length", "Authorization",
    };

    /// <param name="send">Sends the request that was made of the client's and answers with the head of the answer.</param>
    /// <param name="stopping">Ends upgraded connections, which would hold the server open.</param>
    public static async Task Forward(HttpContext http, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        using var request = RequestOf(http.Request);
        using var answer = await send(request, ending.Token);
        CopyHead(answer, http.Response);
        if ((int)answer.StatusCode == StatusCodes.Status101SwitchingProtocols) await Upgraded(http, answer, ending.Token);
        else
        {
            await using var content = await answer.Content.ReadAsStreamAsync(ending.Token);
            await Copy(content, http.Response.Body, ending.Token);
        }
    }

    /// <summary>Whether the client asks for another protocol on this connection.</summary>
    public static bool IsUpgrade(HttpRequest request) =>
        request.Headers.Connection.ToString().Contains("upgrade", StringComparison.OrdinalIgnoreCase) && request.Headers.Upgrade.Count > 0;

    private static HttpRequestMessage RequestOf(HttpRequest from)
    {
        var request = new HttpRequestMessage(new HttpMethod(from.Method), (string?)null);
        if (from.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true && !IsUpgrade(from))
        {
            request.Content = new StreamContent(from.Body, BufferSize);
            if (from.ContentLength is { } length) request.Content.Headers.ContentLength = length;
        }
        foreach (var (name, values) in from.Headers)
        {
            if (NotPassedOn.Contains(name) || name.StartsWith(':') || name.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase)) continue;
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values.ToArray()!))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values.ToArray()!);
        }
        if (from.HttpContext.Connection.RemoteIpAddress is { } client) request.Headers.TryAddWithoutValidation("X-Forwarded-For", client.ToString());
        if (!IsUpgrade(from)) return request;
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", from.Headers.Upgrade.ToString());
        return request;
    }

    private static void CopyHead(HttpResponseMessage from, HttpResponse to)
    {
        to.StatusCode = (int)from.StatusCode;
        foreach (var (name, values) in from.Headers.Concat(from.Content.Headers))
            if (!NotPassedOn.Contains(name)) to.Headers[name] = new StringValues(values.ToArray());
        if (from.Content.Headers.ContentLength is { } length) to.ContentLength = length;
    }

    private static async Task Upgraded(HttpContext http, HttpResponseMessage answer, CancellationToken ending)
    {
        http.Response.Headers.Connection = "Upgrade";
        http.Response.Headers.Upgrade = string.Join(", ", answer.Headers.Upgrade.Select(protocol => protocol.ToString()));
        await using var client = await http.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        await using var server = await answer.Content.ReadAsStreamAsync(ending);
        using var peer = http.Features.Get<IConnectionSocketFeature>() is { } connection ? new ClosedPeer(connection.Socket, http.Abort) : null;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ending);
        var copies = new[] { Copy(client, server, either.Token), Copy(server, client, either.Token) };
        // Neither protocol goes on after one side has closed.
        await Task.WhenAny(copies);
        await either.CancelAsync();
        foreach (var copy in copies)
        {
            try { await copy; }
            catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException) { } // how a stream ends is no fault of the server
        }
    }

    /// <summary>Passes on what comes as soon as it comes: waits for no buffer to fill.</summary>
    private static async Task Copy(Stream from, Stream to, CancellationToken cancel)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int count;
            while ((count = await from.ReadAsync(buffer, cancel)) > 0)
            {
                await to.WriteAsync(buffer.AsMemory(0, count), cancel);
                await to.FlushAsync(cancel);
            }
        }
        finally { System.Buffers.ArrayPool<byte>.Shared.Return(buffer); }
    }
}
