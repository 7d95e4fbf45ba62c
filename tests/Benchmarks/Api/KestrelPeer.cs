using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Benchmarks.Api;

/// <summary>The peer of reads: Kestrel in a process of its own, with TLS, that sends the same bytes from memory and does nothing else.</summary>
internal sealed class KestrelPeer : IAsyncDisposable
{
    /// <summary>The argument with which this program is that server; then port and directory.</summary>
    public const string Argument = "--kestrel";

    private readonly Process process;

    private KestrelPeer(Process process, int port) => (this.process, Port) = (process, port);

    public int Port { get; }

    /// <param name="directory">Its files are what there is to get, by their names.</param>
    public static async Task<KestrelPeer> Start(string directory, CancellationToken cancel)
    {
        var port = FreePort.Find();
        var process = Process.Start(Environment.ProcessPath!, [Argument, $"{port}", directory]);
        for (var i = 0; i < 2_000; i++)
        {
            try
            {
                using var connection = await HttpConnection.Open(port, null, cancel);
                break;
            }
            catch (System.Net.Sockets.SocketException) { await Task.Delay(5, cancel); }
        }
        return new KestrelPeer(process, port);
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Until killed.</summary>
    public static void Serve(int port, string directory)
    {
        var files = Directory.GetFiles(directory).ToDictionary(path => "/" + Path.GetFileName(path), File.ReadAllBytes);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, port, endpoint => endpoint.UseHttps(certificate)));
        var app = builder.Build();
        app.Run(async context =>
        {
            var content = files[context.Request.Path];
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = content.Length;
            await context.Response.BodyWriter.WriteAsync(content);
        });
        app.Run();
    }
}
