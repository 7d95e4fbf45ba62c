using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using KubeApi.Objects;

namespace NodeAgent.Probes;

/// <summary>What a container answered, after redirects within the same host; the body's first 10 KiB.</summary>
internal sealed record HttpGetResponse(int StatusCode, string Body);

/// <summary>No answer; the message is worded as Go's: <c>Get "URL": reason</c>.</summary>
internal sealed class HttpGetException(string message) : IOException(message)
{
    /// <summary>It was asked by https and answered by http.</summary>
    public bool ServerSpeaksHttp { get; init; }
}

/// <summary>
/// GET requests of probes and lifecycle hooks, from the node to its pods: a connection each, no proxy, no cookies,
/// certificates not looked at, redirects followed to the same host only (pkg/probe/http).
/// </summary>
internal static class HttpGet
{
    private const int MostRedirects = 10, LongestBody = 10 * 1024;

    private static readonly HttpRequestOptionsKey<Dial> DialKey = new("dial");

    private static readonly HttpMessageInvoker Client = new(new SocketsHttpHandler
    {
        UseProxy = false, UseCookies = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.Zero, ActivityHeadersPropagator = null,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        ConnectCallback = Connect,
    });

    /// <param name="address">The pod's, for an action without a host.</param>
    /// <param name="userAgent">kube-probe/1.36, kube-lifecycle/1.36.</param>
    /// <param name="cancel">Is a time-out.</param>
    /// <exception cref="BadProbeException">The request cannot be made as it is written.</exception>
    /// <exception cref="HttpGetException">No answer, or none in time.</exception>
    public static async Task<HttpGetResponse> Send(HTTPGetAction action, Container container, string address, string userAgent, CancellationToken cancel)
    {
        var url = HttpGetTarget.Url(action, container, address);
        for (var redirects = 0; ; redirects++)
        {
            using var request = HttpGetTarget.Request(action, url, userAgent);
            using var response = await SendOnce(request, cancel);
            if (Redirection(response, url) is not { } next || next.Host != url.Host) return await Read(response, url, cancel);
            if (redirects == MostRedirects) throw new HttpGetException($"Get \"{next}\": stopped after {MostRedirects} redirects");
            url = next;
        }
    }

    private static async Task<HttpResponseMessage> SendOnce(HttpRequestMessage request, CancellationToken cancel)
    {
        var dial = new Dial();
        request.Options.Set(DialKey, dial);
        try { return await Client.SendAsync(request, cancel); }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            throw new HttpGetException($"Get \"{request.RequestUri!.OriginalString}\": {Words(e, dial)}") { ServerSpeaksHttp = IsPlain(e) };
        }
    }

    private static async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        context.InitialRequestMessage.Options.TryGetValue(DialKey, out var dial);
        try
        {
            var socket = await Dialer.Connect(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancel);
            dial!.Connection = $"{socket.LocalEndPoint}->{socket.RemoteEndPoint}";
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (DialException e)
        {
            dial!.Error = e;
            throw;
        }
    }

    private static Uri? Redirection(HttpResponseMessage response, Uri url)
    {
        if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect) || response.Headers.Location is not { } location) return null;
        return Uri.TryCreate(url, location, out var next) && next.Scheme is "http" or "https" ? next : null;
    }

    /// <summary>A server is heard out as far as the limit, lest it sees its connection reset.</summary>
    private static async Task<HttpGetResponse> Read(HttpResponseMessage response, Uri url, CancellationToken cancel)
    {
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancel);
            var buffer = new byte[Math.Min(response.Content.Headers.ContentLength ?? LongestBody, LongestBody)];
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
            return new HttpGetResponse((int)response.StatusCode, Encoding.UTF8.GetString(buffer, 0, length));
        }
        catch (Exception e) when (e is OperationCanceledException)
        {
            throw new HttpGetException($"Get \"{url.OriginalString}\": context deadline exceeded (Client.Timeout or context cancellation while reading body)");
        }
        catch (Exception e) when (e is HttpRequestException or IOException) { throw new HttpGetException($"Get \"{url.OriginalString}\": unexpected EOF"); }
    }

    private static bool IsPlain(Exception e) => e.InnerException is AuthenticationException tls && tls.Message.Contains("frame");

    private static string Words(Exception e, Dial dial)
    {
        if (dial.Error is { TimedOut: false }) return dial.Error.Message;
        if (e is OperationCanceledException) return $"{dial.Error?.Message ?? "context deadline exceeded"} (Client.Timeout exceeded while awaiting headers)";
        if (e.GetBaseException() is SocketException reset) return $"read tcp {dial.Connection}: read: {Dialer.Reason(reset.SocketErrorCode)}";
        if (e.InnerException is AuthenticationException tls)
            return IsPlain(e) ? "http: server gave HTTP response to HTTPS client" : $"tls: {tls.Message}";
        return (e as HttpRequestException)?.HttpRequestError switch
        {
            HttpRequestError.ResponseEnded or HttpRequestError.SecureConnectionError => "EOF", // of the latter what is not about TLS itself
            HttpRequestError.InvalidResponse => "net/http: HTTP/1.x transport connection broken: malformed HTTP response",
            HttpRequestError.ConfigurationLimitExceeded => "net/http: server response headers exceeded the limit; aborted",
            _ => e.GetBaseException().Message,
        };
    }

    /// <summary>What came of connecting for one request.</summary>
    private sealed class Dial
    {
        public DialException? Error { get; set; }
        public string? Connection { get; set; }
    }
}
