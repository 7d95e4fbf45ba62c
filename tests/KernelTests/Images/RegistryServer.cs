using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using KernelTests.Kubelet;
using KubeApi.Objects;
using Linux;

namespace KernelTests.Images;

/// <summary>Debian's registry on a free port of 127.0.0.1, with one user, with or without TLS, and <see cref="TestImage"/> in it as <c>team/act:1</c>.</summary>
internal sealed class RegistryServer : IAsyncDisposable
{
    public const string User = "alice", Password = "s3cret-canary";

    /// <summary>bcrypt of the password, as htpasswd -B writes it.</summary>
    private const string PasswordHash = "$2y$05$8CtHQ4NICo3ISmAqNtgfb.BdSDQqFmgeh2anTibgJv8KDcjgzbzZW";

    private readonly string directory = Directory.CreateTempSubdirectory("registry-").FullName;
    private readonly StringBuilder log = new();
    private Process? process;

    public required int Port { get; init; }
    public required bool Tls { get; init; }

    /// <summary><c>127.0.0.1:PORT</c>.</summary>
    public string Host => $"127.0.0.1:{Port}";

    public string Layout => $"{directory}/oci";

    /// <summary>A directory in the form of /etc/nodeagent/certs.d that trusts it.</summary>
    public string Certificates => $"{directory}/certs.d";

    public static async Task<RegistryServer> Start(bool tls = false)
    {
        var program = Path.GetFullPath("../../../out/docker-registry/docker-registry", Path.GetDirectoryName(ThisFile())!);
        if (!File.Exists(program)) throw new InvalidOperationException($"there is no {program}; run: sudo scripts/docker-registry");
        var server = new RegistryServer { Port = FreePort.Find(), Tls = tls };
        await server.Configure();
        server.process = Process.Start(new ProcessStartInfo(program, ["serve", $"{server.directory}/config.yml"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        server.process.ErrorDataReceived += (_, line) => server.log.AppendLine(line.Data);
        server.process.OutputDataReceived += (_, line) => server.log.AppendLine(line.Data);
        server.process.BeginErrorReadLine();
        server.process.BeginOutputReadLine();
        await server.Listening();
        await TestImage.Create(server.directory);
        await server.Push(TestImage.Name, "team/act:1");
        return server;
    }

    /// <param name="name">Of an image in <see cref="Layout"/>.</param>
    public Task Push(string name, string to) => CommandRunner.Run("skopeo",
        ["copy", "--quiet", "--dest-creds", $"{User}:{Password}", "--dest-tls-verify=false", $"oci:{Layout}:{name}", $"docker://{Host}/{to}"]);

    /// <summary>A pull secret for this registry.</summary>
    public static Secret Secret(string name, string host, string password = Password) => new()
    {
        Metadata = new ObjectMeta { Namespace = "default", Name = name, Uid = $"uid-of-{name}" }, Type = "kubernetes.io/dockerconfigjson",
        Data = new Dictionary<string, byte[]>
        {
            [".dockerconfigjson"] = JsonSerializer.SerializeToUtf8Bytes(new { auths = new Dictionary<string, object> { [host] = new { username = User, password } } }),
        },
    };

    /// <summary>Changes one byte of the largest blob that it has.</summary>
    public void CorruptLargestBlob()
    {
        var blob = new DirectoryInfo($"{directory}/data").GetFiles("data", SearchOption.AllDirectories).MaxBy(file => file.Length)!;
        using var file = blob.Open(FileMode.Open, FileAccess.ReadWrite);
        file.Position = file.Length / 2;
        var old = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(old ^ 0xff));
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        Directory.Delete(directory, recursive: true);
    }

    private async Task Configure()
    {
        if (Tls)
        {
            Directory.CreateDirectory($"{Certificates}/{Host}");
            await CommandRunner.Run("openssl", ["req", "-x509", "-nodes", "-days", "2", "-newkey", "rsa:2048", "-keyout", $"{directory}/key.pem",
                "-out", $"{Certificates}/{Host}/ca.crt", "-subj", "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1"]);
        }
        File.WriteAllText($"{directory}/htpasswd", $"{User}:{PasswordHash}\n");
        File.WriteAllText($"{directory}/config.yml", string.Join('\n',
            "version: 0.1", $"storage:\n  filesystem:\n    rootdirectory: {directory}/data", $"http:\n  addr: {Host}",
            Tls ? $"  tls:\n    certificate: {Certificates}/{Host}/ca.crt\n    key: {directory}/key.pem" : "",
            $"auth:\n  htpasswd:\n    realm: test\n    path: {directory}/htpasswd", ""));
    }

    private async Task Listening()
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException) when (tries < 300 && !process!.HasExited) { await Task.Delay(50); }
            catch (SocketException e) { throw new InvalidOperationException($"the registry does not listen: {log}", e); }
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
