using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Ties a pod to the node named in its target; written by the scheduler.</summary>
[ApiType("io.k8s.api.core.v1.Binding")]
[Kind("", "v1", "Binding", "bindings")]
public sealed record Binding : KubeObject
{
    /// <summary>The node that the pod is put on; its kind is Node.</summary>
    [Field(2, Required = true)]
    public ObjectReference Target { get; init; } = new();
}

/// <summary>Points at any object, or by fieldPath at a part of one.</summary>
[ApiType("io.k8s.api.core.v1.ObjectReference", Atomic = true)]
public sealed record ObjectReference
{
    /// <summary>Kind of the object.</summary>
    [Field(1)]
    public string? Kind { get; init; }

    /// <summary>Namespace of the object; empty for kinds that have none.</summary>
    [Field(2)]
    public string? Namespace { get; init; }

    /// <summary>Name of the object.</summary>
    [Field(3)]
    public string? Name { get; init; }

    /// <summary>Uid of the object.</summary>
    [Field(4)]
    public string? Uid { get; init; }

    /// <summary>Group and version of the object's kind.</summary>
    [Field(5)]
    public string? ApiVersion { get; init; }

    /// <summary>The version of the object that is meant, where it matters.</summary>
    [Field(6)]
    public string? ResourceVersion { get; init; }

    /// <summary>The part of the object that is meant, e.g. spec.containers{web} for the container named web.</summary>
    [Field(7)]
    public string? FieldPath { get; init; }
}

/// <summary>Points by name at an object of the same namespace.</summary>
[ApiType("io.k8s.api.core.v1.LocalObjectReference", Atomic = true)]
public sealed record LocalObjectReference
{
    /// <summary>Name of the object.</summary>
    [Field(1)]
    public string? Name { get; init; }
}

/// <summary>Points by group, kind and name at an object of the same namespace.</summary>
[ApiType("io.k8s.api.core.v1.TypedLocalObjectReference", Atomic = true)]
public sealed record TypedLocalObjectReference
{
    /// <summary>Group of the object's kind; empty for the core group.</summary>
    [Field(1)]
    public string? ApiGroup { get; init; }

    /// <summary>Kind of the object.</summary>
    [Field(2, Required = true)]
    public string Kind { get; init; } = "";

    /// <summary>Name of the object.</summary>
    [Field(3, Required = true)]
    public string Name { get; init; } = "";
}

/// <summary>Points by group, kind, name and optionally namespace at an object.</summary>
[ApiType("io.k8s.api.core.v1.TypedObjectReference")]
public sealed record TypedObjectReference
{
    /// <summary>Group of the object's kind; empty for the core group.</summary>
    [Field(1)]
    public string? ApiGroup { get; init; }

    /// <summary>Kind of the object.</summary>
    [Field(2, Required = true)]
    public string Kind { get; init; } = "";

    /// <summary>Name of the object.</summary>
    [Field(3, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>Namespace of the object; absent means that of the object that refers to it.</summary>
    [Field(4)]
    public string? Namespace { get; init; }
}
