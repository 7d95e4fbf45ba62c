using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A directory that the containers of a pod can mount; exactly one source says where its content comes from.</summary>
[ApiType("io.k8s.api.core.v1.Volume")]
[ProtobufInline(2)]
public sealed record Volume
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    [Field(1, Inline = true)]
    public HostPathVolumeSource? HostPath { get; init; }

    [Field(2, Inline = true)]
    public EmptyDirVolumeSource? EmptyDir { get; init; }

    [Field(3, Inline = true)]
    public GCEPersistentDiskVolumeSource? GcePersistentDisk { get; init; }

    [Field(4, Inline = true)]
    public AWSElasticBlockStoreVolumeSource? AwsElasticBlockStore { get; init; }

    [Field(5, Inline = true)]
    public GitRepoVolumeSource? GitRepo { get; init; }

    [Field(6, Inline = true)]
    public SecretVolumeSource? Secret { get; init; }

    [Field(7, Inline = true)]
    public NFSVolumeSource? Nfs { get; init; }

    [Field(8, Inline = true)]
    public ISCSIVolumeSource? Iscsi { get; init; }

    [Field(9, Inline = true)]
    public GlusterfsVolumeSource? Glusterfs { get; init; }

    [Field(10, Inline = true)]
    public PersistentVolumeClaimVolumeSource? PersistentVolumeClaim { get; init; }

    [Field(11, Inline = true)]
    public RBDVolumeSource? Rbd { get; init; }

    [Field(12, Inline = true)]
    public FlexVolumeSource? FlexVolume { get; init; }

    [Field(13, Inline = true)]
    public CinderVolumeSource? Cinder { get; init; }

    [Field(14, Inline = true)]
    public CephFSVolumeSource? Cephfs { get; init; }

    [Field(15, Inline = true)]
    public FlockerVolumeSource? Flocker { get; init; }

    [Field(16, Inline = true)]
    public DownwardAPIVolumeSource? DownwardAPI { get; init; }

    [Field(17, Inline = true)]
    public FCVolumeSource? Fc { get; init; }

    [Field(18, Inline = true)]
    public AzureFileVolumeSource? AzureFile { get; init; }

    [Field(19, Inline = true)]
    public ConfigMapVolumeSource? ConfigMap { get; init; }

    [Field(20, Inline = true)]
    public VsphereVirtualDiskVolumeSource? VsphereVolume { get; init; }

    [Field(21, Inline = true)]
    public QuobyteVolumeSource? Quobyte { get; init; }

    [Field(22, Inline = true)]
    public AzureDiskVolumeSource? AzureDisk { get; init; }

    [Field(23, Inline = true)]
    public PhotonPersistentDiskVolumeSource? PhotonPersistentDisk { get; init; }

    [Field(24, Inline = true)]
    public PortworxVolumeSource? PortworxVolume { get; init; }

    [Field(25, Inline = true)]
    public ScaleIOVolumeSource? ScaleIO { get; init; }

    [Field(26, Inline = true)]
    public ProjectedVolumeSource? Projected { get; init; }

    [Field(27, Inline = true)]
    public StorageOSVolumeSource? Storageos { get; init; }

    [Field(28, Inline = true)]
    public CSIVolumeSource? Csi { get; init; }

    [Field(29, Inline = true)]
    public EphemeralVolumeSource? Ephemeral { get; init; }

    [Field(30, Inline = true)]
    public ImageVolumeSource? Image { get; init; }
}

/// <summary>Puts one key of a ConfigMap or Secret at a path of a volume.</summary>
[ApiType("io.k8s.api.core.v1.KeyToPath")]
public sealed record KeyToPath
{
    [Field(1, Required = true)]
    public string Key { get; init; } = "";

    [Field(2, Required = true)]
    public string Path { get; init; } = "";

    [Field(3)]
    public int? Mode { get; init; }
}

/// <summary>A Secret's keys as files, held in memory only.</summary>
[ApiType("io.k8s.api.core.v1.SecretVolumeSource")]
public sealed record SecretVolumeSource
{
    [Field(1)]
    public string? SecretName { get; init; }

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<KeyToPath>? Items { get; init; }

    [Field(3)]
    public int? DefaultMode { get; init; }

    [Field(4)]
    public bool? Optional { get; init; }
}

/// <summary>A ConfigMap's keys as files.</summary>
[ApiType("io.k8s.api.core.v1.ConfigMapVolumeSource")]
[ProtobufInline(1)]
public sealed record ConfigMapVolumeSource
{
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<KeyToPath>? Items { get; init; }

    [Field(3)]
    public int? DefaultMode { get; init; }

    [Field(4)]
    public bool? Optional { get; init; }

    [Field(1, Inline = true)]
    public string? Name { get; init; }
}

/// <summary>A directory that is empty at first and lives as long as the pod.</summary>
[ApiType("io.k8s.api.core.v1.EmptyDirVolumeSource")]
public sealed record EmptyDirVolumeSource
{
    [Field(1)]
    public string? Medium { get; init; }

    [Field(2)]
    public Quantity? SizeLimit { get; init; }
}

/// <summary>A file or directory of the node itself.</summary>
[ApiType("io.k8s.api.core.v1.HostPathVolumeSource")]
public sealed record HostPathVolumeSource
{
    [Field(1, Required = true)]
    public string Path { get; init; } = "";

    [Field(2)]
    public string? Type { get; init; }
}

/// <summary>Facts about the pod as files.</summary>
[ApiType("io.k8s.api.core.v1.DownwardAPIVolumeSource")]
public sealed record DownwardAPIVolumeSource
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<DownwardAPIVolumeFile>? Items { get; init; }

    [Field(2)]
    public int? DefaultMode { get; init; }
}

/// <summary>One file of facts about the pod.</summary>
[ApiType("io.k8s.api.core.v1.DownwardAPIVolumeFile")]
public sealed record DownwardAPIVolumeFile
{
    [Field(1, Required = true)]
    public string Path { get; init; } = "";

    [Field(2)]
    public ObjectFieldSelector? FieldRef { get; init; }

    [Field(3)]
    public ResourceFieldSelector? ResourceFieldRef { get; init; }

    [Field(4)]
    public int? Mode { get; init; }
}

/// <summary>The content of an image as a read-only volume.</summary>
[ApiType("io.k8s.api.core.v1.ImageVolumeSource")]
public sealed record ImageVolumeSource
{
    [Field(1)]
    public string? Reference { get; init; }

    [Field(2)]
    public string? PullPolicy { get; init; }
}

/// <summary>Uses a claim of the same namespace.</summary>
[ApiType("io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource")]
public sealed record PersistentVolumeClaimVolumeSource
{
    [Field(1, Required = true)]
    public string ClaimName { get; init; } = "";

    [Field(2)]
    public bool? ReadOnly { get; init; }
}
