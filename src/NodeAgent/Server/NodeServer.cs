using System.Net;
using System.Net.Security;
using KubeApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace NodeAgent.Server;

/// <summary>
/// The node's own HTTPS port, by which the API server reaches what only the node has: logs, streams into containers,
/// figures. HTTP/1.1, since streams are upgraded connections. See <see cref="ServerAccess"/> for who is answered.
/// </summary>
internal sealed class NodeServer : IAsyncDisposable
{
    /// <summary>The kubelet's (--port).</summary>
    public const int DefaultPort = 10250;

    private readonly WebApplication app;

    private NodeServer(WebApplication app) => this.app = app;

    /// <summary>The real one where 0 was asked for.</summary>
    public int Port => new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    /// <param name="identity">Whose certificate the server shows and by whose authority it knows the API server.</param>
    /// <exception cref="IOException">The address is in use.</exception>
    public static Task<NodeServer> Start(IPEndPoint listen, Kubeconfig identity, NodeRoutes routes, ILoggerFactory logs, CancellationToken cancel) =>
        Start(listen, new ServerAccess(identity), routes, logs, cancel);

    /// <param name="access">Whose certificate may change meanwhile.</param>
    /// <exception cref="IOException">The address is in use.</exception>
    public static async Task<NodeServer> Start(IPEndPoint listen, ServerAccess access, NodeRoutes routes, ILoggerFactory logs, CancellationToken cancel)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(logs);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => Configure(options, listen, access));
        var app = builder.Build();
        var log = logs.CreateLogger("server");
        app.Run(context => routes.Handle(context, log));
        await app.StartAsync(cancel);
        return new NodeServer(app);
    }

    /// <summary>Ends open streams and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try { await app.StopAsync(limit.Token); }
        catch (OperationCanceledException) { } // connections that did not close in time are cut
        await app.DisposeAsync();
    }

    private static void Configure(KestrelServerOptions options, IPEndPoint listen, ServerAccess access)
    {
        options.AddServerHeader = false;
        options.Limits.MinResponseDataRate = null; // a log that is followed may be silent for long, and its reader slow
        options.Limits.MinRequestBodyDataRate = null;
        options.Listen(listen, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1;
            endpoint.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = TcpConnection.HandshakeTimeout, OnConnection = _ => ValueTask.FromResult(access.Tls) });
        });
    }
}
