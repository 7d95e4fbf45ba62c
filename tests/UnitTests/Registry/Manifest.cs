using System.Text;
using ControlPlane.Registry;
using KubeApi;
using KubeApi.Objects;
using YamlDotNet.Serialization;

namespace UnitTests.Registry;

/// <summary>Takes a manifest the way that the API server does: read, defaults, preparation, validation.</summary>
internal static class Manifest
{
    private static readonly IDeserializer Yaml = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
    private static readonly ISerializer Json = new SerializerBuilder().JsonCompatible().Build();

    public static T Read<T>(string yaml) where T : KubeObject =>
        KubeJson.Deserialize<T>(Encoding.UTF8.GetBytes(Json.Serialize(Yaml.Deserialize(yaml)!)));

    public static KindRegistry Kind<T>() where T : KubeObject => Kinds.All.Single(kind => kind.Resource.Type == typeof(T));

    public static T Create<T>(string yaml) where T : KubeObject
    {
        var (obj, errors) = TryCreate<T>(yaml);
        Assert.Equal([], errors);
        return obj;
    }

    /// <summary>The prepared object and what is wrong with it, as <c>field: message</c>.</summary>
    public static (T Object, IReadOnlyList<string> Errors) TryCreate<T>(string yaml) where T : KubeObject
    {
        var (kind, obj) = (Kind<T>(), Read<T>(yaml));
        if (kind.Resource.Namespaced) obj = obj with { Metadata = obj.Metadata with { Namespace = obj.Metadata.Namespace ?? "default" } };
        var created = (T)kind.PrepareForCreate(kind.Default(obj));
        var errors = new FieldErrors();
        kind.ValidateCreate(created, errors);
        return (created, Texts(errors));
    }

    public static IReadOnlyList<string> Errors<T>(string yaml) where T : KubeObject => TryCreate<T>(yaml).Errors;

    public static (T Object, IReadOnlyList<string> Errors) TryUpdate<T>(T old, T updated) where T : KubeObject
    {
        var kind = Kind<T>();
        var prepared = (T)kind.PrepareForUpdate(old, kind.Default(updated));
        var errors = new FieldErrors();
        kind.ValidateUpdate(old, prepared, errors);
        return (prepared, Texts(errors));
    }

    public static IReadOnlyList<string> Warnings<T>(string yaml) where T : KubeObject => [.. Kind<T>().Warnings(Create<T>(yaml))];

    /// <summary>Cells joined by a bar.</summary>
    public static string Row<T>(T obj, DateTime now) where T : KubeObject => string.Join('|', Kind<T>().Cells(obj, now));

    public static string Wire(object value) => Encoding.UTF8.GetString(KubeJson.Serialize(value));

    public static IReadOnlyList<string> Texts(FieldErrors errors) => errors.Causes.Select(cause => $"{cause.Field}: {cause.Message}").ToList();
}
