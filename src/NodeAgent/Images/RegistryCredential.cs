using System.Text;
using System.Text.Json;
using KubeApi.Objects;

namespace NodeAgent.Images;

/// <summary>A user and password for the registries that its key names, and the Secret that they are from.</summary>
/// <param name="Key">Host with an optional path, e.g. <c>quay.io/team</c>; labels of the host may have globs.</param>
/// <param name="Secret"><c>NAMESPACE/NAME/UID</c>.</param>
internal sealed record RegistryCredential(string Key, string User, string Password, string Secret)
{
    /// <summary>Never the password: a record prints all it has.</summary>
    public override string ToString() => $"{Key} from {Secret}";

    /// <summary>Those of a Secret of type kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg; none of any other.</summary>
    /// <exception cref="FormatException">It cannot be read; the message has none of its content.</exception>
    public static IReadOnlyList<RegistryCredential> Of(Secret secret)
    {
        var origin = $"{secret.Metadata.Namespace}/{secret.Metadata.Name}/{secret.Metadata.Uid}";
        var (key, nested) = secret.Type == "kubernetes.io/dockerconfigjson" ? (".dockerconfigjson", true) : (".dockercfg", false);
        if (secret.Type is not ("kubernetes.io/dockerconfigjson" or "kubernetes.io/dockercfg") || secret.Data?.GetValueOrDefault(key) is not { } bytes) return [];
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var entries = nested ? document.RootElement.GetProperty("auths") : document.RootElement;
            return [.. entries.EnumerateObject().Select(entry => Read(entry, origin))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or DecoderFallbackException)
        {
            throw new FormatException($"secret {secret.Metadata.Namespace}/{secret.Metadata.Name}: {key} is not in the form of Docker's configuration file");
        }
    }

    private static RegistryCredential Read(JsonProperty entry, string origin)
    {
        var (user, password) = (Text(entry.Value, "username"), Text(entry.Value, "password"));
        if (Text(entry.Value, "auth") is { Length: > 0 } auth)
        {
            var both = Encoding.UTF8.GetString(Convert.FromBase64String(auth.TrimEnd('=').PadRight((auth.TrimEnd('=').Length + 3) / 4 * 4, '='))).TrimEnd('\0', '\n');
            var colon = both.IndexOf(':');
            if (colon < 0) throw new FormatException();
            (user, password) = (both[..colon], both[(colon + 1)..]);
        }
        return new RegistryCredential(RegistryKey.Of(entry.Name), user, password, origin);
    }

    private static string Text(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
