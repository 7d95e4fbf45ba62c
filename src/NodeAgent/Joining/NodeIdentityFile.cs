using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeApi;

namespace NodeAgent.Joining;

/// <summary>The file that makes a machine a node: a kubeconfig with the node's certificate and key, its owner's only (0600).</summary>
internal static class NodeIdentityFile
{
    private const string Prefix = "system:node:";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Null where the machine has not joined.</summary>
    /// <exception cref="JoinException">There is a file that cannot be read.</exception>
    public static Kubeconfig? TryRead(string path)
    {
        try
        {
            if (!File.Exists(path)) return null;
            var kubeconfig = Kubeconfig.Load(path);
            NodeName(kubeconfig);
            return kubeconfig;
        }
        catch (Exception e) when (e is IOException or FormatException or CryptographicException) { throw new JoinException($"{path} is there and cannot be used ({e.Message}): 'nodeagent reset' removes it", e); }
    }

    /// <summary>The node that the certificate is of.</summary>
    /// <exception cref="FormatException">It is of no node.</exception>
    public static string NodeName(Kubeconfig kubeconfig)
    {
        using var certificate = X509Certificate2.CreateFromPem(kubeconfig.ClientCertificate);
        var name = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        return name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : throw new FormatException($"its certificate is of {name}, which is no node");
    }

    /// <exception cref="JoinException">The file could not be written.</exception>
    public static void RequireWritable(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        while (!Directory.Exists(directory)) directory = Path.GetDirectoryName(directory)!;
        var probe = Path.Combine(directory, $".nodeagent-join-{Environment.ProcessId}");
        try { File.Create(probe, 1, FileOptions.DeleteOnClose).Dispose(); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new JoinException($"{path} cannot be written: {e.Message}", e); }
    }

    /// <summary>Through a temporary file, so that the file is whole, old or new, whenever the machine stops.</summary>
    public static void Write(string path, Kubeconfig kubeconfig, string node) => WriteText(path, kubeconfig.ToYaml(Prefix + node));

    /// <inheritdoc cref="Write"/>
    public static void WriteText(string path, string text)
    {
        var directory = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(directory)) Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        File.Delete(path + ".new");
        using (var file = new FileStream(path + ".new", new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
            file.Write(Encoding.ASCII.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".new", path, overwrite: true);
    }
}
