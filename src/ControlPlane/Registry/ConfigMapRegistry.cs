using System.Text;
using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>Keys that can become file names, 1 MiB in all, unchangeable where immutable says so.</summary>
internal sealed class ConfigMapRegistry : KindRegistry<ConfigMap>
{
    /// <summary>1 MiB over all keys and values, as for Secrets (core/v1 MaxSecretSize).</summary>
    internal const int MaxBytes = 1024 * 1024;

    protected override void Validate(ConfigMap map, FieldErrors errors)
    {
        var bytes = 0L;
        foreach (var (key, value) in map.Data ?? new Dictionary<string, string>())
        {
            errors.Check($"data[{key}]", key, Names.ConfigKey(key));
            if (map.BinaryData?.ContainsKey(key) == true) errors.Invalid($"data[{key}]", key, "duplicate of key present in binaryData");
            bytes += Encoding.UTF8.GetByteCount(value);
        }
        foreach (var (key, value) in map.BinaryData ?? new Dictionary<string, byte[]>())
        {
            errors.Check($"binaryData[{key}]", key, Names.ConfigKey(key));
            bytes += value.Length;
        }
        if (bytes > MaxBytes) errors.TooLong("[]", MaxBytes);
    }

    protected override void ValidateChange(ConfigMap old, ConfigMap updated, FieldErrors errors)
    {
        if (old.Immutable != true) return;
        if (updated.Immutable != true) errors.Forbidden("immutable", "field is immutable when `immutable` is set");
        if (!Same(old.Data, updated.Data)) errors.Forbidden("data", "field is immutable when `immutable` is set");
        if (!Same(old.BinaryData, updated.BinaryData)) errors.Forbidden("binaryData", "field is immutable when `immutable` is set");
    }

    public override bool IsNumerous => true;

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
        [Column.Name, Column.Number("Data", "Number of keys."), Column.Age];

    protected override IReadOnlyList<object?> Cells(ConfigMap map, DateTime now) =>
        [map.Name, (map.Data?.Count ?? 0) + (map.BinaryData?.Count ?? 0), Cell.Age(map, now)];
}
