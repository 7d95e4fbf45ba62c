using System.Text;
using KubeApi;
using KubeApi.Objects;
using NodeAgent.Images;

namespace NodeAgent.Containers;

/// <summary>What a container's environment is made from besides pod and image.</summary>
/// <param name="Services">Variables of the Services, see <see cref="ServiceEnvironment"/>.</param>
/// <param name="Allocatable">What the node can give: the limits of a container that has none.</param>
internal sealed record EnvironmentSources(IReadOnlyDictionary<string, string> Services, EnvironmentObjects Objects, IReadOnlyDictionary<string, Quantity> Allocatable)
{
    public static EnvironmentSources None { get; } = new(new Dictionary<string, string>(), EnvironmentObjects.None, new Dictionary<string, Quantity>());
}

/// <summary>
/// Pure: a container's environment. What Kubernetes sets (kubelet, makeEnvironmentVariables): envFrom, then env over it,
/// then the Services' variables that nothing else sets. Around it what containerd sets: PATH, HOSTNAME, TERM, the image's own.
/// </summary>
internal static class ContainerEnvironment
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The variables that Kubernetes sets; $(NAME) in command, args and env stands for one of these, and for none of the image's.</summary>
    /// <exception cref="ContainerConfigException">A reference leads nowhere, in Kubernetes' words.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(Pod pod, Container container, EnvironmentSources sources)
    {
        var result = new OrderedDictionary<string, string>();
        var length = 0L;
        foreach (var source in container.EnvFrom ?? [])
            foreach (var (name, value) in All(source, sources.Objects)) Set(source.Prefix + name, value);
        foreach (var variable in container.Env ?? [])
        {
            var value = variable.Value is { Length: > 0 } text
                ? Expansion.Of(text, name => result.TryGetValue(name, out var known) ? known : sources.Services.GetValueOrDefault(name))
                : variable.ValueFrom is { } source ? FromSource(pod, container, source, sources) : "";
            if (value is not null) Set(variable.Name, value);
        }
        foreach (var (name, value) in sources.Services) result.TryAdd(name, value);
        foreach (var (name, value) in result)
            if (value.Contains('\0') || name.Contains('\0')) throw new ContainerConfigException($"environment variable {name.Replace("\0", "")}: a NUL byte cannot be part of an environment");
        return [.. result];

        void Set(string name, string value)
        {
            if ((length += name.Length + value.Length) > Expansion.LongestAll) throw Expansion.TooLong($"the environment has more than {Expansion.LongestAll} bytes");
            result[name] = value;
        }
    }

    /// <summary>The whole environment of the process: entries NAME=VALUE, a name once. Later ones win: PATH, HOSTNAME, TERM; the image's; Kubernetes'.</summary>
    public static IReadOnlyList<string> Entries(IEnumerable<KeyValuePair<string, string>> variables, ImageConfig image, string hostName, bool tty)
    {
        var result = new OrderedDictionary<string, string> { ["PATH"] = DefaultPath, ["HOSTNAME"] = hostName };
        if (tty) result["TERM"] = "xterm";
        foreach (var entry in image.Env ?? [])
        {
            var equals = entry.IndexOf('=');
            result[equals < 0 ? entry : entry[..equals]] = equals < 0 ? "" : entry[(equals + 1)..];
        }
        foreach (var (name, value) in variables) result[name] = value;
        return [.. result.Select(entry => $"{entry.Key}={entry.Value}")];
    }

    /// <summary>Every key of a ConfigMap or Secret. Any of them will do as a name (KEP-4369).</summary>
    private static IEnumerable<KeyValuePair<string, string>> All(EnvFromSource source, EnvironmentObjects objects)
    {
        if (source.ConfigMapRef is { } map)
            return (Existing(objects.ConfigMaps, map.Name, "configmap", map.Optional)?.Data ?? new Dictionary<string, string>()).OrderBy(entry => entry.Key, StringComparer.Ordinal);
        if (source.SecretRef is { } secret)
            return (Existing(objects.Secrets, secret.Name, "secret", secret.Optional)?.Data ?? new Dictionary<string, byte[]>())
                .OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => new KeyValuePair<string, string>(entry.Key, Text(entry.Value, secret.Name!, entry.Key)));
        return [];
    }

    /// <summary>Null: it is optional and missing, so that the variable is not set.</summary>
    private static string? FromSource(Pod pod, Container container, EnvVarSource source, EnvironmentSources sources)
    {
        if (source.FieldRef is { } field) return PodField.Value(pod, field.FieldPath);
        if (source.ResourceFieldRef is { } resource) return ResourceField.Value(Named(pod, container, resource.ContainerName), resource, sources.Allocatable);
        if (source.ConfigMapKeyRef is { } inMap)
        {
            var map = Existing(sources.Objects.ConfigMaps, inMap.Name, "configmap", inMap.Optional);
            if (map is null) return null;
            if (map.Data is not null && map.Data.TryGetValue(inMap.Key, out var value)) return value;
            return inMap.Optional == true ? null : throw NoKey(inMap.Key, "ConfigMap", pod.Namespace, inMap.Name);
        }
        if (source.SecretKeyRef is { } inSecret)
        {
            var secret = Existing(sources.Objects.Secrets, inSecret.Name, "secret", inSecret.Optional);
            if (secret is null) return null;
            if (secret.Data is not null && secret.Data.TryGetValue(inSecret.Key, out var bytes)) return Text(bytes, inSecret.Name!, inSecret.Key);
            return inSecret.Optional == true ? null : throw NoKey(inSecret.Key, "Secret", pod.Namespace, inSecret.Name);
        }
        return "";
    }

    private static Container Named(Pod pod, Container container, string? name) => string.IsNullOrEmpty(name) || name == container.Name ? container
        : pod.Spec!.Containers.Concat(pod.Spec.InitContainers ?? []).FirstOrDefault(entry => entry.Name == name)
            ?? throw new ContainerConfigException($"container {name} not found");

    private static T? Existing<T>(IReadOnlyDictionary<string, T?> objects, string? name, string kind, bool? optional) where T : class =>
        objects.GetValueOrDefault(name ?? "") ?? (optional == true ? null : throw new ContainerConfigException($"{kind} \"{name}\" not found"));

    private static ContainerConfigException NoKey(string key, string kind, string ns, string? name) => new($"couldn't find key {key} in {kind} {ns}/{name}");

    /// <summary>The kernel takes any bytes but NUL; the OCI configuration, as CRI, only text.</summary>
    private static string Text(byte[] bytes, string secret, string key)
    {
        try { return Strict.GetString(bytes); }
        catch (DecoderFallbackException) { throw new ContainerConfigException($"key {key} of secret \"{secret}\" is not UTF-8 text and cannot be an environment variable: mount it as a file"); }
    }
}
