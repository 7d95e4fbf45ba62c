using System.Text;
using System.Text.Json;

namespace NodeAgent.Images;

/// <summary>
/// How registries are reached. Passwords go to skopeo in a file (0600) in a directory on tmpfs that is 0700 and that
/// is removed with this object; certificates come from <c>/etc/nodeagent/certs.d/HOST[:PORT]</c>, else from where
/// skopeo looks by itself (/etc/containers/certs.d, /etc/docker/certs.d, the system's).
/// </summary>
internal sealed class RegistrySource : IDisposable
{
    public const string Certificates = "/etc/nodeagent/certs.d";

    private readonly string? authFile;

    /// <param name="authDirectory">On tmpfs.</param>
    /// <param name="credential">Null: what root of this machine has logged in with, if anything.</param>
    public RegistrySource(ImageName name, RegistryCredential? credential, string authDirectory, string certificates = Certificates)
    {
        var options = new List<string>();
        var ofHost = Path.Combine(certificates, name.Registry);
        if (Directory.Exists(ofHost)) options.AddRange(["--src-cert-dir", ofHost]);
        else if (IsLoopback(name.Registry)) options.Add("--src-tls-verify=false"); // and without TLS where there is none, as other runtimes do
        if (credential is not null)
        {
            authFile = Write(name.Registry, credential, authDirectory);
            options.AddRange(["--src-authfile", authFile]);
        }
        Source = new ImageSource($"docker://{name}", options);
    }

    public ImageSource Source { get; }

    /// <summary>What an agent that was killed left behind.</summary>
    public static void RemoveAbandoned(string authDirectory)
    {
        if (Directory.Exists(authDirectory)) Directory.Delete(authDirectory, recursive: true);
    }

    public void Dispose()
    {
        if (authFile is not null) File.Delete(authFile);
    }

    internal static bool IsLoopback(string registry)
    {
        var host = registry.Split(':')[0];
        return host == "localhost" || System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address);
    }

    private static string Write(string registry, RegistryCredential credential, string directory)
    {
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = Path.Combine(directory, $"{Guid.NewGuid():N}.json");
        var auth = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.User}:{credential.Password}"));
        var content = new Dictionary<string, object> { ["auths"] = new Dictionary<string, object> { [registry] = new Dictionary<string, string> { ["auth"] = auth } } };
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        file.Write(JsonSerializer.SerializeToUtf8Bytes(content));
        return path;
    }
}
