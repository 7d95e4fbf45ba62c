using KubeApi.Objects;

namespace KubeApi.Defaults;

/// <summary>What a volume means where it is silent: no source is an emptyDir, files have mode 0644.</summary>
public static class VolumeDefaults
{
    private const int Mode = 420; // 0644

    public static Volume Apply(Volume volume) => volume switch
    {
        { Secret: { } secret } => volume with { Secret = secret with { DefaultMode = secret.DefaultMode ?? Mode } },
        { ConfigMap: { } map } => volume with { ConfigMap = map with { DefaultMode = map.DefaultMode ?? Mode } },
        { DownwardAPI: { } facts } => volume with { DownwardAPI = facts with { DefaultMode = facts.DefaultMode ?? Mode, Items = Items(facts.Items) } },
        { Projected: { } projected } => volume with { Projected = projected with { DefaultMode = projected.DefaultMode ?? Mode, Sources = projected.Sources?.Select(Source).ToList() } },
        { HostPath: { } path } => volume with { HostPath = path with { Type = path.Type ?? "" } },
        _ when volume == new Volume { Name = volume.Name } => volume with { EmptyDir = new EmptyDirVolumeSource() },
        _ => volume,
    };

    private static VolumeProjection Source(VolumeProjection source) => source with
    {
        DownwardAPI = source.DownwardAPI is { } facts ? facts with { Items = Items(facts.Items) } : null,
        ServiceAccountToken = source.ServiceAccountToken is { } token ? token with { ExpirationSeconds = token.ExpirationSeconds ?? 3600 } : null,
    };

    private static List<DownwardAPIVolumeFile>? Items(IReadOnlyList<DownwardAPIVolumeFile>? items) => items?.Select(item => item with
    {
        FieldRef = item.FieldRef is { } field ? field with { ApiVersion = PodSpecDefaults.Or(field.ApiVersion, "v1") } : null,
    }).ToList();
}
