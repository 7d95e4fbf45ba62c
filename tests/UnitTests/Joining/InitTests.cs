using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using ControlPlane;
using KubeApi;
using KubeApi.Objects;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace UnitTests.Joining;

/// <summary>The real program, as an administrator types its commands.</summary>
public sealed class InitTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly int port = FreePort();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Init_makes_a_cluster_that_runs_and_whose_first_token_and_later_ones_are_listed_and_revoked()
    {
        var (code, said, _) = await Run("init", "--listen", $"127.0.0.1:{port}", "--advertise-address", "192.0.2.1", "--environment-file", directory.File("controlplane.env"));
        Assert.Equal(0, code);
        var line = Regex.Match(said, $@"nodeagent join https://192\.0\.2\.1:{port} --token ([a-z0-9]{{6}})\.([a-z0-9]{{16}}) --discovery-token-ca-cert-hash sha256:[0-9a-f]{{64}}");
        Assert.True(line.Success, said);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(directory.File("data/admin.conf")));
        Assert.Equal($"https://192.0.2.1:{port}", Kubeconfig.Load(directory.File("data/admin.conf")).Server);
        Assert.Equal($"CONTROLPLANE_OPTS=\"--advertise-address 192.0.2.1 --listen 127.0.0.1:{port}\"", (await File.ReadAllLinesAsync(directory.File("controlplane.env"))).Single());

        (code, _, var error) = await Run("init", "--advertise-address", "192.0.2.1");
        Assert.Equal((1, true), (code, error.Contains("holds a cluster already; nothing was changed", StringComparison.Ordinal)));

        await using var host = await ControlPlaneHost.Start(new ControlPlaneOptions(directory.File("data"), new IPEndPoint(IPAddress.Loopback, port), null, IPAddress.Parse("192.0.2.1"), "10.244.0.0/16", "10.96.0.0/16"),
            NullLoggerFactory.Instance, CancellationToken.None);
        (code, said, error) = await Token("create", "--ttl", "90m", "--description", "for node7");
        Assert.True(code == 0 && Regex.IsMatch(said, @"\A[a-z0-9]{6}\.[a-z0-9]{16}\n\z"), said + error);
        var (id, secret) = (said[..6], said[7..23]);
        (_, said, _) = await Token("list");
        Assert.Matches($@"(?m)^{id} +(89m|90m) .*for node7 +system:bootstrappers:kubeadm:default-node-token$", said);
        Assert.Contains(line.Groups[1].Value, said, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, said, StringComparison.Ordinal);
        Assert.Equal((0, $"token \"{id}\" deleted\n", ""), await Token("delete", id));
        Assert.DoesNotContain(id, (await Token("list")).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await Token("delete", id)).Code);

        using var api = new ApiClient(host.Authority.CreateKubeconfig($"https://127.0.0.1:{port}", "nobody"), "test");
        Assert.Contains("certificate-authority-data", (await api.Get<ConfigMap>("kube-public", "cluster-info", default)).Data!["kubeconfig"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_control_plane_a_token_command_says_what_is_missing()
    {
        var (code, _, error) = await Token("list");
        Assert.Equal((1, true), (code, error.Contains("there is no control plane in", StringComparison.Ordinal)));
    }

    private Task<(int Code, string Output, string Error)> Token(params string[] arguments) => Run(["token", .. arguments, "--server", $"https://127.0.0.1:{port}"]);

    private async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "controlplane"), [.. arguments, "--data-dir", directory.File("data")]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
