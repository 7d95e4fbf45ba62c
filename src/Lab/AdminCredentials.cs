using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace Lab;

/// <summary>What the administrator's kubeconfig says: where the API server is, whom to trust, who we are.</summary>
internal sealed partial record AdminCredentials(Uri Server, X509Certificate2 Authority, X509Certificate2 Client)
{
    /// <summary>Reads one cluster and one user with their data inline; YAML or JSON.</summary>
    /// <exception cref="LabException">One of the fields is missing.</exception>
    public static AdminCredentials Read(string path)
    {
        var text = File.ReadAllText(path);
        return new AdminCredentials(new Uri(Value(path, text, "server")),
            X509Certificate2.CreateFromPem(Data(path, text, "certificate-authority-data")),
            X509Certificate2.CreateFromPem(Data(path, text, "client-certificate-data"), Data(path, text, "client-key-data")));
    }

    private static string Data(string path, string text, string field) => Encoding.UTF8.GetString(Convert.FromBase64String(Value(path, text, field)));

    private static string Value(string path, string text, string field) =>
        Fields().Matches(text).FirstOrDefault(match => match.Groups[1].Value == field) is { } match
            ? match.Groups[2].Value
            : throw new LabException($"{path} has no {field}");

    [GeneratedRegex("""^[ {"-]*([a-z-]+)"?: *"?([^\s",}]+)""", RegexOptions.Multiline)]
    private static partial Regex Fields();
}
