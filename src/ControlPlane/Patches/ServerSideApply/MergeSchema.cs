using System.Collections.Concurrent;
using KubeApi;
using KubeApi.Schema;

namespace ControlPlane.Patches.ServerSideApply;

/// <summary>How values of a type merge, and in which parts they are owned.</summary>
internal enum MergeShape
{
    /// <summary>As a whole: scalars, and lists, maps and objects that are atomic.</summary>
    Atomic,

    /// <summary>Field by field.</summary>
    Object,

    /// <summary>Key by key.</summary>
    Map,

    /// <summary>A list of scalars in which each stands once.</summary>
    Set,

    /// <summary>A list whose entries are identified by keys.</summary>
    List,
}

/// <summary>Which fields of an object a write can come to own.</summary>
internal enum OwnedPart { All, WithoutStatus, Status }

/// <summary>A key of a list, and what it is where an entry leaves it out.</summary>
internal sealed record ListKey(string Name, string? Default);

/// <summary>A field of an object. An unowned one is the server's: nobody becomes its manager.</summary>
/// <param name="AlwaysThere">Go holds it by value, so that no object is without it and nobody makes it.</param>
internal sealed record MergeField(string Element, WireType Type, FieldAttribute Rules, bool Unowned, bool AlwaysThere)
{
    private MergeSchema? schema;

    public MergeSchema Schema => schema ??= MergeSchema.Of(Type, Rules);
}

/// <summary>
/// The rules of server-side apply for one type, read from <see cref="TypeSchema"/> (x-kubernetes-list-type, -list-map-keys,
/// -map-type; a list without any of them is atomic).
/// </summary>
internal sealed class MergeSchema
{
    private static readonly ConcurrentDictionary<(Type Kind, OwnedPart Part), MergeSchema> Kinds = new();
    private static readonly ConcurrentDictionary<Type, MergeSchema> Objects = new();
    private static readonly MergeSchema Atomic = new() { Shape = MergeShape.Atomic };
    private static readonly FieldAttribute NoRules = new(0);
    private static readonly string[] HeldByValue = ["metadata", "spec", "status", "template", "strategy"];

    /// <summary>What the server sets in every object.</summary>
    private static readonly string[] ServerSet = ["name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields", "resourceVersion"];

    private MergeSchema? element;

    public MergeShape Shape { get; private init; }

    /// <summary>Of an <see cref="MergeShape.Object"/>, by their names on the wire.</summary>
    public IReadOnlyDictionary<string, MergeField> Fields { get; private init; } = new Dictionary<string, MergeField>();

    /// <summary>Of a <see cref="MergeShape.List"/>, in ordinal order.</summary>
    public IReadOnlyList<ListKey> Keys { get; private init; } = [];

    /// <summary>What is read from JSON; null for the schema of a kind.</summary>
    public WireType? Type { get; private init; }

    /// <summary>Of the entries of a list, set or map.</summary>
    public MergeSchema Element => element ??= Of(Type!.Element!, NoRules);

    /// <summary>The schema of whole objects of a kind: what the server sets, and the parts that a write does not reach, are unowned.</summary>
    public static MergeSchema OfKind(Type kind, OwnedPart part = OwnedPart.All) => Kinds.GetOrAdd((kind, part), static of =>
    {
        var fields = Describe(TypeSchema.Of(of.Kind));
        foreach (var (name, field) in fields.ToList())
            fields[name] = field with { Unowned = name is "kind" or "apiVersion" || of.Part == (name == "status" ? OwnedPart.WithoutStatus : OwnedPart.Status) };
        return new MergeSchema { Shape = MergeShape.Object, Fields = fields };
    });

    public static MergeSchema Of(WireType type, FieldAttribute rules) => type.Shape switch
    {
        WireShape.Object when !rules.AtomicMap && type.Schema.ApiType?.Atomic != true => Objects.GetOrAdd(type.Clr,
            static (_, type) => new MergeSchema { Shape = MergeShape.Object, Type = type, Fields = Describe(type.Schema) }, type),
        WireShape.Map when !rules.AtomicMap => new MergeSchema { Shape = MergeShape.Map, Type = type },
        WireShape.List when rules.List == ListType.Set => new MergeSchema { Shape = MergeShape.Set, Type = type },
        WireShape.List when rules.List == ListType.Map => new MergeSchema { Shape = MergeShape.List, Type = type, Keys = ListKeys(type, rules.ListMapKeys!) },
        _ => Atomic,
    };

    private static Dictionary<string, MergeField> Describe(TypeSchema schema)
    {
        var isMeta = schema.Type == typeof(KubeApi.Objects.ObjectMeta);
        return schema.Fields.Values.ToDictionary(field => field.Name, field => new MergeField(PathElement.Field(field.Name), field.Type, field.Rules,
            isMeta && ServerSet.Contains(field.Name), field.Rules.Required || field.Type.Shape == WireShape.Object && HeldByValue.Contains(field.Name)));
    }

    private static List<ListKey> ListKeys(WireType list, string names) => names.Split(',').Order(StringComparer.Ordinal)
        .Select(name => new ListKey(name, list.Element!.Shape == WireShape.Object ? list.Element.Schema.Fields.GetValueOrDefault(name)?.Rules.Default : null)).ToList();
}
