using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>Rules for volumes (core/validation ValidateVolumes); deep for the sources that pods here use, shallow for the rest.</summary>
internal static class VolumeValidation
{
    private static readonly string[] HostPathTypes =
        ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

    /// <returns>The names that mounts may use.</returns>
    public static IReadOnlySet<string> Validate(IReadOnlyList<Volume> volumes, string path, FieldErrors errors)
    {
        var names = new HashSet<string>();
        for (var i = 0; i < volumes.Count; i++)
        {
            var (volume, at) = (volumes[i], $"{path}[{i}]");
            if (volume.Name.Length == 0) errors.Required($"{at}.name");
            else
            {
                errors.Check($"{at}.name", volume.Name, Names.Dns1123Label(volume.Name));
                if (!names.Add(volume.Name)) errors.Duplicate($"{at}.name", volume.Name);
            }
            Source(volume, at, errors);
        }
        return names;
    }

    private static void Source(Volume volume, string path, FieldErrors errors)
    {
        var sources = VolumeSources.OfVolume(volume);
        if (sources.Count == 0) errors.Required(path, "must specify a volume type");
        foreach (var extra in sources.Skip(1)) errors.Forbidden($"{path}.{extra}", "may not specify more than 1 volume type");
        if (sources.Count != 1) return;
        var at = $"{path}.{sources[0]}";
        switch (volume)
        {
            case { HostPath: { } host }:
                if (host.Path.Length == 0) errors.Required($"{at}.path");
                else if (HasDotDot(host.Path)) errors.Invalid($"{at}.path", host.Path, "must not contain '..'");
                if (host.Type is { } type && !HostPathTypes.Contains(type)) errors.NotSupported($"{at}.type", type, HostPathTypes);
                break;
            case { EmptyDir.SizeLimit: { } limit } when limit.CompareTo(default) < 0:
                errors.Forbidden($"{at}.sizeLimit", "SizeLimit field must be a valid resource quantity");
                break;
            case { Secret: { } secret }:
                if (string.IsNullOrEmpty(secret.SecretName)) errors.Required($"{at}.secretName");
                Files(secret.DefaultMode, secret.Items, at, errors);
                break;
            case { ConfigMap: { } map }:
                if (string.IsNullOrEmpty(map.Name)) errors.Required($"{at}.name");
                Files(map.DefaultMode, map.Items, at, errors);
                break;
            case { DownwardAPI: { } facts }:
                Files(facts.DefaultMode, null, at, errors);
                for (var i = 0; i < (facts.Items?.Count ?? 0); i++) RelativePath(facts.Items![i].Path, $"{at}.items[{i}].path", errors);
                break;
            case { PersistentVolumeClaim: { ClaimName: "" } }:
                errors.Required($"{at}.claimName");
                break;
            case { Nfs: { } nfs }:
                if (nfs.Server.Length == 0) errors.Required($"{at}.server");
                if (nfs.Path.Length == 0) errors.Required($"{at}.path");
                break;
            case { Projected: { } projected }:
                Projected(projected, at, errors);
                break;
        }
    }

    private static void Projected(ProjectedVolumeSource projected, string path, FieldErrors errors)
    {
        Mode(projected.DefaultMode, $"{path}.defaultMode", errors);
        for (var i = 0; i < (projected.Sources?.Count ?? 0); i++)
        {
            var (source, at) = (projected.Sources![i], $"{path}.sources[{i}]");
            if (source.Secret is { } secret)
            {
                if (string.IsNullOrEmpty(secret.Name)) errors.Required($"{at}.secret.name");
                Files(null, secret.Items, $"{at}.secret", errors);
            }
            if (source.ConfigMap is { } map)
            {
                if (string.IsNullOrEmpty(map.Name)) errors.Required($"{at}.configMap.name");
                Files(null, map.Items, $"{at}.configMap", errors);
            }
            if (source.ServiceAccountToken is { } token)
            {
                if (token.ExpirationSeconds is < 600) errors.Invalid($"{at}.serviceAccountToken.expirationSeconds", token.ExpirationSeconds, "may not specify a duration less than 10 minutes");
                RelativePath(token.Path, $"{at}.serviceAccountToken.path", errors);
            }
        }
    }

    private static void Files(int? defaultMode, IReadOnlyList<KeyToPath>? items, string path, FieldErrors errors)
    {
        Mode(defaultMode, $"{path}.defaultMode", errors);
        for (var i = 0; i < (items?.Count ?? 0); i++)
        {
            var (item, at) = (items![i], $"{path}.items[{i}]");
            if (item.Key.Length == 0) errors.Required($"{at}.key");
            RelativePath(item.Path, $"{at}.path", errors);
            Mode(item.Mode, $"{at}.mode", errors);
        }
    }

    private static void Mode(int? mode, string path, FieldErrors errors)
    {
        if (mode is < 0 or > 511) errors.Invalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive");
    }

    internal static void RelativePath(string file, string path, FieldErrors errors)
    {
        if (file.Length == 0) errors.Required(path);
        else if (file[0] == '/') errors.Invalid(path, file, "must be a relative path");
        else if (HasDotDot(file)) errors.Invalid(path, file, "must not contain '..'");
    }

    private static bool HasDotDot(string file) => file.Split('/').Contains("..");
}
