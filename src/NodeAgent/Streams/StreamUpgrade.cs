using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using NodeAgent.Server;

namespace NodeAgent.Streams;

/// <summary>Turns a request into the protocol that the client asks for: SPDY/3.1 or WebSocket, and which protocol in it.</summary>
internal static class StreamUpgrade
{
    private const string SpdyVersion = "SPDY/3.1", ProtocolHeader = "X-Stream-Protocol-Version";

    /// <summary>RFC 6455 1.3.</summary>
    private const string WebSocketGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    public static bool IsWebSocket(HttpRequest request) => request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase);

    /// <param name="protocols">Those that are spoken here.</param>
    /// <returns>The raw connection, and the first of the client's protocols that is spoken here.</returns>
    /// <exception cref="NodeRequestException">400: no upgrade is asked for; 403: no common protocol.</exception>
    public static async Task<(Stream Connection, string Protocol)> ToSpdy(HttpContext http, params string[] protocols)
    {
        if (!http.Request.Headers.Upgrade.ToString().Equals(SpdyVersion, StringComparison.OrdinalIgnoreCase)
            || http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
            throw new NodeRequestException(400, $"unable to upgrade: missing upgrade headers in request: {http.Request.Headers.Upgrade}");
        var offered = Listed(http.Request, ProtocolHeader);
        var protocol = offered.FirstOrDefault(protocols.Contains)
            ?? throw new NodeRequestException(403, $"unable to upgrade: unable to negotiate protocol: client supports [{string.Join(' ', offered)}], server accepts [{string.Join(' ', protocols)}]");
        http.Response.Headers[ProtocolHeader] = protocol;
        http.Response.Headers.Connection = "Upgrade";
        http.Response.Headers.Upgrade = SpdyVersion;
        return (await upgrade.UpgradeAsync(), protocol);
    }

    /// <inheritdoc cref="ToSpdy"/>
    public static async Task<(WebSocket Socket, string Protocol)> ToWebSocket(HttpContext http, params string[] protocols)
    {
        var key = http.Request.Headers.SecWebSocketKey.ToString();
        if (key.Length == 0 || http.Request.Headers.SecWebSocketVersion != "13" || http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
            throw new NodeRequestException(400, "unable to upgrade: not a WebSocket handshake of version 13");
        var offered = Listed(http.Request, "Sec-WebSocket-Protocol");
        var protocol = offered.FirstOrDefault(protocols.Contains)
            ?? throw new NodeRequestException(403, $"unable to upgrade: unable to negotiate protocol: client supports [{string.Join(' ', offered)}], server accepts [{string.Join(' ', protocols)}]");
        http.Response.Headers.Connection = "Upgrade";
        http.Response.Headers.Upgrade = "websocket";
        http.Response.Headers.SecWebSocketAccept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + WebSocketGuid)));
        http.Response.Headers.SecWebSocketProtocol = protocol;
        // Not told the protocol, since .NET takes none with a slash in it. The client is the one that pings.
        return (WebSocket.CreateFromStream(await upgrade.UpgradeAsync(), new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero }), protocol);
    }

    /// <summary>The streams of exec or attach.</summary>
    /// <exception cref="NodeRequestException">400, 403.</exception>
    /// <exception cref="IOException">The client does not open its streams.</exception>
    public static async Task<RemoteStreams> ToRemoteStreams(HttpContext http, StreamOptions options, CancellationToken cancel)
    {
        if (IsWebSocket(http.Request))
        {
            var (socket, protocol) = await ToWebSocket(http, WebSocketRemoteStreams.V5, WebSocketRemoteStreams.V4);
            return new WebSocketRemoteStreams(socket, protocol, options);
        }
        var (connection, _) = await ToSpdy(http, WebSocketRemoteStreams.V4);
        return await SpdyRemoteStreams.Open(connection, options, cancel);
    }

    /// <summary>A header that lists, in one line or in several.</summary>
    private static List<string> Listed(HttpRequest request, string header) =>
        [.. request.Headers[header].SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
}
