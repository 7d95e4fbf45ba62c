using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>An environment variable of a container.</summary>
[ApiType("io.k8s.api.core.v1.EnvVar")]
public sealed record EnvVar
{
    /// <summary>Name of the variable: any printable ASCII characters but '='.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>Value of the variable. $(NAME) becomes the value of a variable that stands before it, $$(NAME) stays $(NAME). Default: ''.</summary>
    [Field(2)]
    public string? Value { get; init; }

    /// <summary>Where the value comes from. Not together with value.</summary>
    [Field(3)]
    public EnvVarSource? ValueFrom { get; init; }
}

/// <summary>Where the value of an environment variable comes from.</summary>
[ApiType("io.k8s.api.core.v1.EnvVarSource")]
public sealed record EnvVarSource
{
    /// <summary>
    /// A field of the pod: metadata.name, metadata.namespace, metadata.uid, metadata.labels['KEY'],
    /// metadata.annotations['KEY'], spec.nodeName, spec.serviceAccountName, status.hostIP(s) or status.podIP(s).
    /// </summary>
    [Field(1)]
    public ObjectFieldSelector? FieldRef { get; init; }

    /// <summary>A request or limit of a container.</summary>
    [Field(2)]
    public ResourceFieldSelector? ResourceFieldRef { get; init; }

    /// <summary>A key of a ConfigMap.</summary>
    [Field(3)]
    public ConfigMapKeySelector? ConfigMapKeyRef { get; init; }

    /// <summary>A key of a Secret.</summary>
    [Field(4)]
    public SecretKeySelector? SecretKeyRef { get; init; }

    /// <summary>A key of a file in a volume.</summary>
    [Field(5)]
    public FileKeySelector? FileKeyRef { get; init; }
}

/// <summary>Makes every key of a ConfigMap or Secret an environment variable.</summary>
[ApiType("io.k8s.api.core.v1.EnvFromSource")]
public sealed record EnvFromSource
{
    /// <summary>Text that is put before each key.</summary>
    [Field(1)]
    public string? Prefix { get; init; }

    /// <summary>A ConfigMap of the pod's namespace.</summary>
    [Field(2)]
    public ConfigMapEnvSource? ConfigMapRef { get; init; }

    /// <summary>A Secret of the pod's namespace.</summary>
    [Field(3)]
    public SecretEnvSource? SecretRef { get; init; }
}

/// <summary>Names a field of the pod itself.</summary>
[ApiType("io.k8s.api.core.v1.ObjectFieldSelector", Atomic = true)]
public sealed record ObjectFieldSelector
{
    /// <summary>Version in which the path is meant. Default: v1.</summary>
    [Field(1)]
    public string? ApiVersion { get; init; }

    /// <summary>Path of the field.</summary>
    [Field(2, Required = true)]
    public string FieldPath { get; init; } = "";
}

/// <summary>Names a resource request or limit of a container.</summary>
[ApiType("io.k8s.api.core.v1.ResourceFieldSelector", Atomic = true)]
public sealed record ResourceFieldSelector
{
    /// <summary>Name of the container. Needed in volumes; in variables absent means the container itself.</summary>
    [Field(1)]
    public string? ContainerName { get; init; }

    /// <summary>What is wanted, e.g. limits.cpu or requests.memory.</summary>
    [Field(2, Required = true)]
    public string Resource { get; init; } = "";

    /// <summary>Unit in which it is given; the result is rounded up. Default: 1.</summary>
    [Field(3)]
    public Quantity? Divisor { get; init; }
}

/// <summary>Names a key of a ConfigMap.</summary>
[ApiType("io.k8s.api.core.v1.ConfigMapKeySelector", Atomic = true)]
[ProtobufInline(1)]
public sealed record ConfigMapKeySelector
{
    /// <summary>Key of which the value is taken.</summary>
    [Field(2, Required = true)]
    public string Key { get; init; } = "";

    /// <summary>Whether ConfigMap or key may be missing. Default: false.</summary>
    [Field(3)]
    public bool? Optional { get; init; }

    /// <summary>Name of the ConfigMap.</summary>
    [Field(1, Inline = true)]
    public string? Name { get; init; }
}

/// <summary>Names a key of a Secret.</summary>
[ApiType("io.k8s.api.core.v1.SecretKeySelector", Atomic = true)]
[ProtobufInline(1)]
public sealed record SecretKeySelector
{
    /// <summary>Key of which the value is taken.</summary>
    [Field(2, Required = true)]
    public string Key { get; init; } = "";

    /// <summary>Whether Secret or key may be missing. Default: false.</summary>
    [Field(3)]
    public bool? Optional { get; init; }

    /// <summary>Name of the Secret.</summary>
    [Field(1, Inline = true)]
    public string? Name { get; init; }
}

/// <summary>Names a key in a file of environment variables on a volume.</summary>
[ApiType("io.k8s.api.core.v1.FileKeySelector", Atomic = true)]
public sealed record FileKeySelector
{
    /// <summary>Name of the volume with the file.</summary>
    [Field(1, Required = true)]
    public string VolumeName { get; init; } = "";

    /// <summary>Path of the file within the volume, relative and without '..'.</summary>
    [Field(2, Required = true)]
    public string Path { get; init; } = "";

    /// <summary>Key in the file, which consists of lines KEY=VALUE.</summary>
    [Field(3, Required = true)]
    public string Key { get; init; } = "";

    /// <summary>Whether file or key may be missing. Default: false.</summary>
    [Field(4)]
    public bool? Optional { get; init; }
}

/// <summary>Names a ConfigMap whose keys become environment variables.</summary>
[ApiType("io.k8s.api.core.v1.ConfigMapEnvSource")]
[ProtobufInline(1)]
public sealed record ConfigMapEnvSource
{
    /// <summary>Whether the ConfigMap may be missing. Default: false.</summary>
    [Field(2)]
    public bool? Optional { get; init; }

    /// <summary>Name of the ConfigMap.</summary>
    [Field(1, Inline = true)]
    public string? Name { get; init; }
}

/// <summary>Names a Secret whose keys become environment variables.</summary>
[ApiType("io.k8s.api.core.v1.SecretEnvSource")]
[ProtobufInline(1)]
public sealed record SecretEnvSource
{
    /// <summary>Whether the Secret may be missing. Default: false.</summary>
    [Field(2)]
    public bool? Optional { get; init; }

    /// <summary>Name of the Secret.</summary>
    [Field(1, Inline = true)]
    public string? Name { get; init; }
}
