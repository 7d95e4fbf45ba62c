using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>An environment variable of a container.</summary>
[ApiType("io.k8s.api.core.v1.EnvVar")]
public sealed record EnvVar
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    [Field(2)]
    public string? Value { get; init; }

    [Field(3)]
    public EnvVarSource? ValueFrom { get; init; }
}

/// <summary>Where the value of an environment variable comes from.</summary>
[ApiType("io.k8s.api.core.v1.EnvVarSource")]
public sealed record EnvVarSource
{
    [Field(1)]
    public ObjectFieldSelector? FieldRef { get; init; }

    [Field(2)]
    public ResourceFieldSelector? ResourceFieldRef { get; init; }

    [Field(3)]
    public ConfigMapKeySelector? ConfigMapKeyRef { get; init; }

    [Field(4)]
    public SecretKeySelector? SecretKeyRef { get; init; }

    [Field(5)]
    public FileKeySelector? FileKeyRef { get; init; }
}

/// <summary>Makes every key of a ConfigMap or Secret an environment variable.</summary>
[ApiType("io.k8s.api.core.v1.EnvFromSource")]
public sealed record EnvFromSource
{
    [Field(1)]
    public string? Prefix { get; init; }

    [Field(2)]
    public ConfigMapEnvSource? ConfigMapRef { get; init; }

    [Field(3)]
    public SecretEnvSource? SecretRef { get; init; }
}

/// <summary>Names a field of the pod itself.</summary>
[ApiType("io.k8s.api.core.v1.ObjectFieldSelector", Atomic = true)]
public sealed record ObjectFieldSelector
{
    [Field(1)]
    public string? ApiVersion { get; init; }

    [Field(2, Required = true)]
    public string FieldPath { get; init; } = "";
}

/// <summary>Names a resource request or limit of a container.</summary>
[ApiType("io.k8s.api.core.v1.ResourceFieldSelector", Atomic = true)]
public sealed record ResourceFieldSelector
{
    [Field(1)]
    public string? ContainerName { get; init; }

    [Field(2, Required = true)]
    public string Resource { get; init; } = "";

    [Field(3)]
    public Quantity? Divisor { get; init; }
}

/// <summary>Names a key of a ConfigMap.</summary>
[ApiType("io.k8s.api.core.v1.ConfigMapKeySelector", Atomic = true)]
[ProtobufInline(1)]
public sealed record ConfigMapKeySelector
{
    [Field(2, Required = true)]
    public string Key { get; init; } = "";

    [Field(3)]
    public bool? Optional { get; init; }

    [Field(1, Inline = true)]
    public string? Name { get; init; }
}

/// <summary>Names a key of a Secret.</summary>
[ApiType("io.k8s.api.core.v1.SecretKeySelector", Atomic = true)]
[ProtobufInline(1)]
public sealed record SecretKeySelector
{
    [Field(2, Required = true)]
    public string Key { get; init; } = "";

    [Field(3)]
    public bool? Optional { get; init; }

    [Field(1, Inline = true)]
    public string? Name { get; init; }
}

/// <summary>Names a key in a file of environment variables on a volume.</summary>
[ApiType("io.k8s.api.core.v1.FileKeySelector", Atomic = true)]
public sealed record FileKeySelector
{
    [Field(1, Required = true)]
    public string VolumeName { get; init; } = "";

    [Field(2, Required = true)]
    public string Path { get; init; } = "";

    [Field(3, Required = true)]
    public string Key { get; init; } = "";

    [Field(4)]
    public bool? Optional { get; init; }
}

/// <summary>Names a ConfigMap whose keys become environment variables.</summary>
[ApiType("io.k8s.api.core.v1.ConfigMapEnvSource")]
[ProtobufInline(1)]
public sealed record ConfigMapEnvSource
{
    [Field(2)]
    public bool? Optional { get; init; }

    [Field(1, Inline = true)]
    public string? Name { get; init; }
}

/// <summary>Names a Secret whose keys become environment variables.</summary>
[ApiType("io.k8s.api.core.v1.SecretEnvSource")]
[ProtobufInline(1)]
public sealed record SecretEnvSource
{
    [Field(2)]
    public bool? Optional { get; init; }

    [Field(1, Inline = true)]
    public string? Name { get; init; }
}
