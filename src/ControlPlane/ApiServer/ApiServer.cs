using System.Net;
using KubeApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ControlPlane.ApiServer;

/// <summary>The HTTPS front: HTTP/1.1 and HTTP/2 on a TCP address and, if wanted, on a unix socket; TLS on both.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private ApiServer(WebApplication app) => this.app = app;

    /// <summary>The address it listens on; the port is the real one where 0 was asked for.</summary>
    public IPEndPoint Address
    {
        get
        {
            var url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(address => !address.Contains("unix", StringComparison.Ordinal));
            var uri = new Uri(url);
            return new IPEndPoint(IPAddress.Parse(uri.Host.Trim('[', ']')), uri.Port);
        }
    }

    /// <param name="tls">What is shown may change meanwhile.</param>
    /// <param name="handle">Answers a request; never throws.</param>
    /// <exception cref="IOException">The address is in use.</exception>
    public static async Task<ApiServer> Start(IPEndPoint listen, string? unixSocket, ServingTls tls, Func<Microsoft.AspNetCore.Http.HttpContext, Task> handle,
        ILoggerFactory logs, CancellationToken cancel)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(logs);
        if (unixSocket is not null) File.Delete(unixSocket); // left behind by a process that was killed
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => Configure(options, listen, unixSocket, tls));
        var app = builder.Build();
        app.Run(context => handle(context));
        await app.StartAsync(cancel);
        return new ApiServer(app);
    }

    /// <summary>Ends open watches, finishes what is being answered, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try { await app.StopAsync(limit.Token); }
        catch (OperationCanceledException) { } // connections that did not close in time are cut
        await app.DisposeAsync();
    }

    private static void Configure(KestrelServerOptions options, IPEndPoint listen, string? unixSocket, ServingTls tls)
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = null; // RequestBody has its own limit and words for it
        options.Limits.MinResponseDataRate = null; // a watch may be silent for long, and its reader slow
        options.Limits.Http2.MaxStreamsPerConnection = 250; // as Go's server, which clients are tuned to
        options.Limits.Http2.InitialConnectionWindowSize = 1 << 20;
        options.Limits.Http2.InitialStreamWindowSize = 1 << 18;
        options.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30); // finds watchers whose machine is gone
        options.Listen(listen, Tls);
        if (unixSocket is not null) options.ListenUnixSocket(unixSocket, Tls);

        void Tls(ListenOptions endpoint)
        {
            endpoint.Protocols = HttpProtocols.Http1AndHttp2;
            endpoint.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = TcpConnection.HandshakeTimeout, OnConnection = _ => ValueTask.FromResult(tls.Options) });
        }
    }
}
