using KubeApi.Objects;

namespace ControlPlane.Store;

/// <summary>Where an object is kept: qualified resource (<c>pods</c>, <c>deployments.apps</c>), namespace (empty if none), name.</summary>
internal readonly record struct StoreKey(string Resource, string Namespace, string Name);

/// <summary>
/// One version of an object. <see cref="Object"/> and <see cref="Json"/> say the same, both with
/// metadata.resourceVersion = <see cref="Revision"/> and with kind and apiVersion; neither is ever changed.
/// </summary>
internal sealed record StoredObject(StoreKey Key, KubeObject Object, ReadOnlyMemory<byte> Json, long Revision);

internal enum StoreEventType { Added, Modified, Deleted }

/// <summary>
/// One change. For Deleted, <see cref="Current"/> is the last state with the revision of the deletion.
/// <see cref="Previous"/> (null for Added) lets a watch with a selector see what starts and stops matching.
/// </summary>
internal sealed record StoreEvent(StoreEventType Type, StoredObject Current, StoredObject? Previous);
