using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Serialization;
using KubeApi.Objects;

namespace KubeApi.Schema;

/// <summary>What a value of the wire is made of.</summary>
public enum WireShape { Text, Number, Flag, Bytes, Time, MicroTime, Quantity, IntOrString, Any, Object, List, Map }

/// <summary>The wire type of a field: its shape and, for lists and maps, that of its elements.</summary>
public sealed record WireType(WireShape Shape, Type Clr, WireType? Element = null)
{
    /// <summary>The fields of an <see cref="WireShape.Object"/>.</summary>
    public TypeSchema Schema => TypeSchema.Of(Clr);
}

/// <summary>One field of a record: its name on the wire, its type and its rules.</summary>
public sealed record FieldSchema(string Name, WireType Type, FieldAttribute Rules, PropertyInfo Property);

/// <summary>
/// The schema of one record, read once from its attributes. Pruning, patches, protobuf decoding and OpenAPI all
/// read this, so there is nothing that could drift apart.
/// </summary>
public sealed class TypeSchema
{
    private static readonly ConcurrentDictionary<Type, TypeSchema> Known = new();
    private static readonly FieldAttribute NoRules = new(0);

    private TypeSchema(Type type)
    {
        Type = type;
        ApiType = type.GetCustomAttribute<ApiTypeAttribute>();
        InlineNumber = type.GetCustomAttribute<ProtobufInlineAttribute>()?.Number;
        Fields = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetCustomAttribute<JsonIgnoreAttribute>() is null && property.GetIndexParameters().Length == 0)
            .Select(Describe).ToDictionary(field => field.Name);
    }

    public Type Type { get; }

    public ApiTypeAttribute? ApiType { get; }

    /// <summary>See <see cref="ProtobufInlineAttribute"/>.</summary>
    public int? InlineNumber { get; }

    /// <summary>Fields by their name on the wire.</summary>
    public IReadOnlyDictionary<string, FieldSchema> Fields { get; }

    public static TypeSchema Of(Type type) => Known.GetOrAdd(type, static type => new TypeSchema(type));

    private static FieldSchema Describe(PropertyInfo property)
    {
        var name = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
            ?? char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
        var type = Wire(property.PropertyType);
        if (property.GetCustomAttribute<JsonConverterAttribute>()?.ConverterType == typeof(MicroTimeConverter)) type = type with { Shape = WireShape.MicroTime };
        return new FieldSchema(name, type, property.GetCustomAttribute<FieldAttribute>() ?? NoRules, property);
    }

    private static WireType Wire(Type clr)
    {
        clr = Nullable.GetUnderlyingType(clr) ?? clr;
        if (clr.IsGenericType && clr.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return new WireType(WireShape.List, clr, Wire(clr.GenericTypeArguments[0]));
        if (clr.IsGenericType && clr.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
            return new WireType(WireShape.Map, clr, Wire(clr.GenericTypeArguments[1]));
        return new WireType(Scalar(clr), clr);
    }

    private static WireShape Scalar(Type clr) =>
        clr == typeof(string) ? WireShape.Text
        : clr == typeof(int) || clr == typeof(long) ? WireShape.Number
        : clr == typeof(bool) ? WireShape.Flag
        : clr == typeof(byte[]) ? WireShape.Bytes
        : clr == typeof(DateTime) ? WireShape.Time
        : clr == typeof(Quantity) ? WireShape.Quantity
        : clr == typeof(IntOrString) ? WireShape.IntOrString
        : clr.IsClass && clr.Namespace == typeof(KubeObject).Namespace ? WireShape.Object
        : WireShape.Any;
}
