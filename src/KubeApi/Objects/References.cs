using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Ties a pod to the node named in its target; written by the scheduler.</summary>
[ApiType("io.k8s.api.core.v1.Binding")]
[Kind("", "v1", "Binding", "bindings")]
public sealed record Binding : KubeObject
{
    [Field(2, Required = true)]
    public ObjectReference Target { get; init; } = new();
}

/// <summary>Points at any object, or by fieldPath at a part of one.</summary>
[ApiType("io.k8s.api.core.v1.ObjectReference", Atomic = true)]
public sealed record ObjectReference
{
    [Field(1)]
    public string? Kind { get; init; }

    [Field(2)]
    public string? Namespace { get; init; }

    [Field(3)]
    public string? Name { get; init; }

    [Field(4)]
    public string? Uid { get; init; }

    [Field(5)]
    public string? ApiVersion { get; init; }

    [Field(6)]
    public string? ResourceVersion { get; init; }

    [Field(7)]
    public string? FieldPath { get; init; }
}

/// <summary>Points by name at an object of the same namespace.</summary>
[ApiType("io.k8s.api.core.v1.LocalObjectReference", Atomic = true)]
public sealed record LocalObjectReference
{
    [Field(1)]
    public string? Name { get; init; }
}

/// <summary>Points by group, kind and name at an object of the same namespace.</summary>
[ApiType("io.k8s.api.core.v1.TypedLocalObjectReference", Atomic = true)]
public sealed record TypedLocalObjectReference
{
    [Field(1)]
    public string? ApiGroup { get; init; }

    [Field(2, Required = true)]
    public string Kind { get; init; } = "";

    [Field(3, Required = true)]
    public string Name { get; init; } = "";
}

/// <summary>Points by group, kind, name and optionally namespace at an object.</summary>
[ApiType("io.k8s.api.core.v1.TypedObjectReference")]
public sealed record TypedObjectReference
{
    [Field(1)]
    public string? ApiGroup { get; init; }

    [Field(2, Required = true)]
    public string Kind { get; init; } = "";

    [Field(3, Required = true)]
    public string Name { get; init; } = "";

    [Field(4)]
    public string? Namespace { get; init; }
}
