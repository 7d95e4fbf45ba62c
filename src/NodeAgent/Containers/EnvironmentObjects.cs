using KubeApi.Objects;

namespace NodeAgent.Containers;

/// <summary>Where the node finds a Secret or ConfigMap by namespace and name; null where there is none.</summary>
internal sealed record ObjectReader(Func<string, string, CancellationToken, Task<Secret?>> Secret, Func<string, string, CancellationToken, Task<ConfigMap?>> ConfigMap)
{
    /// <summary>Knows no object.</summary>
    public static ObjectReader None { get; } = new((_, _, _) => Task.FromResult<Secret?>(null), (_, _, _) => Task.FromResult<ConfigMap?>(null));
}

/// <summary>The Secrets and ConfigMaps that a container's environment is made from, by name; null for one that does not exist.</summary>
internal sealed record EnvironmentObjects(IReadOnlyDictionary<string, Secret?> Secrets, IReadOnlyDictionary<string, ConfigMap?> ConfigMaps)
{
    public static EnvironmentObjects None { get; } = new(new Dictionary<string, Secret?>(), new Dictionary<string, ConfigMap?>());

    public static async Task<EnvironmentObjects> Read(string ns, Container container, ObjectReader reader, CancellationToken cancel)
    {
        var secrets = new Dictionary<string, Secret?>();
        var maps = new Dictionary<string, ConfigMap?>();
        foreach (var name in Names(container, source => source.SecretRef?.Name, source => source.SecretKeyRef?.Name)) secrets[name] = await reader.Secret(ns, name, cancel);
        foreach (var name in Names(container, source => source.ConfigMapRef?.Name, source => source.ConfigMapKeyRef?.Name)) maps[name] = await reader.ConfigMap(ns, name, cancel);
        return secrets.Count + maps.Count == 0 ? None : new EnvironmentObjects(secrets, maps);
    }

    private static IEnumerable<string> Names(Container container, Func<EnvFromSource, string?> all, Func<EnvVarSource, string?> key) =>
        (container.EnvFrom ?? []).Select(all).Concat((container.Env ?? []).Select(variable => variable.ValueFrom is { } source ? key(source) : null)).OfType<string>().Distinct();
}
