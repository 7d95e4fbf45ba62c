using System.Text.Json;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Store;

/// <summary>Where an object is kept: qualified resource (<c>pods</c>, <c>deployments.apps</c>), namespace (empty if none), name.</summary>
internal readonly record struct StoreKey(string Resource, string Namespace, string Name);

/// <summary>
/// One version of an object. <see cref="Object"/> and <see cref="Json"/> say the same, both with
/// metadata.resourceVersion = <see cref="Revision"/> and with kind and apiVersion; neither is ever changed.
/// </summary>
internal sealed class StoredObject
{
    private readonly Type type;

    /// <summary>The object, a weak reference to it, or null.</summary>
    private volatile object? held;

    public StoredObject(StoreKey key, KubeObject obj, ReadOnlyMemory<byte> json, long revision) =>
        (Key, held, type, Json, Revision, Node) = (key, obj, obj.GetType(), json, revision, PodNode.Of(key, obj));

    /// <summary>As read from disk; <see cref="Object"/> is made of the JSON when it is asked for.</summary>
    /// <exception cref="JsonException">The JSON is none.</exception>
    public StoredObject(StoreKey key, Type type, ReadOnlyMemory<byte> json, long revision) => (Key, this.type, Json, Revision, Node) = (key, type, json, revision, PodNode.Of(key, json.Span));

    public StoreKey Key { get; }

    public ReadOnlyMemory<byte> Json { get; }

    public long Revision { get; }

    /// <summary>That the pod is bound to; null for what is no pod, or on no node yet.</summary>
    public string? Node { get; }

    public KubeObject Object => held switch
    {
        KubeObject obj => obj,
        WeakReference<KubeObject> weak when weak.TryGetTarget(out var obj) => obj,
        _ => Parse(),
    };

    /// <summary>What selectors look at, once they have; so that a list with a selector does not parse every object again.</summary>
    public SelectionFacts? Facts { get; set; }

    /// <summary>From now on the object is kept only as long as someone uses it: as a record it takes several times the memory of its JSON.</summary>
    public void Release()
    {
        if (held is KubeObject obj) held = new WeakReference<KubeObject>(obj);
    }

    /// <summary>From now on the object is kept.</summary>
    /// <exception cref="JsonException">The JSON is not one of the type.</exception>
    public void Keep() => held = Object;

    private KubeObject Parse()
    {
        var obj = (KubeObject)JsonSerializer.Deserialize(Json.Span, type, KubeJson.Options)!;
        held = new WeakReference<KubeObject>(obj);
        return obj;
    }
}

/// <summary>What label and field selectors ask of an object.</summary>
/// <param name="Fields">In the order of the kind's selectable fields.</param>
internal sealed record SelectionFacts(IReadOnlyDictionary<string, string>? Labels, string?[] Fields);

internal enum StoreEventType { Added, Modified, Deleted }

/// <summary>
/// One change. For Deleted, <see cref="Current"/> is the last state with the revision of the deletion.
/// <see cref="Previous"/> (null for Added) lets a watch with a selector see what starts and stops matching.
/// </summary>
internal sealed record StoreEvent(StoreEventType Type, StoredObject Current, StoredObject? Previous);
