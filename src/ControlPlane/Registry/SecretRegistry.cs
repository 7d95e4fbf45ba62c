using System.Text;
using System.Text.Json;
using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>Types with the keys that they need; stringData goes into data. Contents never appear in an error.</summary>
internal sealed class SecretRegistry : KindRegistry<Secret>
{
    /// <summary>Keys that a Secret of a type must have (core/v1 SecretType).</summary>
    private static readonly Dictionary<string, string[]> RequiredKeys = new()
    {
        ["kubernetes.io/tls"] = ["tls.crt", "tls.key"],
        ["kubernetes.io/ssh-auth"] = ["ssh-privatekey"],
        ["kubernetes.io/dockerconfigjson"] = [".dockerconfigjson"],
        ["kubernetes.io/dockercfg"] = [".dockercfg"],
    };

    /// <summary>Type Opaque; stringData merged into data, where it wins, and gone.</summary>
    protected override Secret Default(Secret secret)
    {
        if (string.IsNullOrEmpty(secret.Type)) secret = secret with { Type = "Opaque" };
        if (secret.StringData is not { Count: > 0 } texts) return secret.StringData is null ? secret : secret with { StringData = null };
        var data = new Dictionary<string, byte[]>(secret.Data ?? new Dictionary<string, byte[]>());
        foreach (var (key, text) in texts) data[key] = Encoding.UTF8.GetBytes(text);
        return secret with { Data = data, StringData = null };
    }

    protected override void Validate(Secret secret, FieldErrors errors)
    {
        var data = secret.Data ?? new Dictionary<string, byte[]>();
        foreach (var key in data.Keys) errors.Check($"data[{key}]", key, Names.ConfigKey(key));
        if (data.Values.Sum(value => (long)value.Length) > ConfigMapRegistry.MaxBytes) errors.TooLong("data", ConfigMapRegistry.MaxBytes);
        foreach (var key in RequiredKeys.GetValueOrDefault(secret.Type ?? "", []))
        {
            if (!data.TryGetValue(key, out var value)) errors.Required($"data[{key}]");
            else if (key.StartsWith(".docker", StringComparison.Ordinal) && !IsJson(value)) errors.Invalid($"data[{key}]", "<secret contents redacted>", "must be valid JSON");
        }
        if (secret.Type == "kubernetes.io/basic-auth" && !data.ContainsKey("username") && !data.ContainsKey("password"))
        {
            errors.Required("data[username]");
            errors.Required("data[password]");
        }
        if (secret.Type == "kubernetes.io/service-account-token" && string.IsNullOrEmpty(secret.Metadata.Annotations?.GetValueOrDefault("kubernetes.io/service-account.name")))
            errors.Required("metadata.annotations[kubernetes.io/service-account.name]");
    }

    private static bool IsJson(byte[] value)
    {
        try
        {
            using var document = JsonDocument.Parse(value);
            return true;
        }
        catch (JsonException) { return false; }
    }

    protected override void ValidateChange(Secret old, Secret updated, FieldErrors errors)
    {
        if (old.Type != updated.Type) errors.Invalid("type", updated.Type, "field is immutable");
        if (old.Immutable != true) return;
        if (updated.Immutable != true) errors.Forbidden("immutable", "field is immutable when `immutable` is set");
        if (!Same(old.Data, updated.Data)) errors.Forbidden("data", "field is immutable when `immutable` is set");
    }

    /// <summary>On update an absent type means the old one.</summary>
    protected override Secret CarryOver(Secret old, Secret updated) => updated.Type is null ? updated with { Type = old.Type } : updated;

    protected override IEnumerable<string> Warnings(Secret secret) => secret is { Type: "kubernetes.io/service-account-token", Data: null or { Count: 0 } }
        ? ["type kubernetes.io/service-account-token: stored, but this version puts no token into it; use `kubectl create token`"] : [];

    public override IReadOnlyList<string> SelectableFields { get; } = ["type"];

    protected override string? SelectableField(Secret secret, string path) => path == "type" ? secret.Type : null;

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
        [Column.Name, Column.Text("Type", "What the keys mean."), Column.Number("Data", "Number of keys."), Column.Age];

    protected override IReadOnlyList<object?> Cells(Secret secret, DateTime now) =>
        [secret.Name, secret.Type ?? "", secret.Data?.Count ?? 0, Cell.Age(secret, now)];
}
