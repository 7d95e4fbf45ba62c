using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A directory that the containers of a pod can mount; exactly one source says where its content comes from.</summary>
[ApiType("io.k8s.api.core.v1.Volume")]
[ProtobufInline(2)]
public sealed record Volume
{
    /// <summary>Name of the volume, a DNS label, unique in the pod.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>A file or directory of the node.</summary>
    [Field(1, Inline = true)]
    public HostPathVolumeSource? HostPath { get; init; }

    /// <summary>A directory that is empty at first and lives as long as the pod.</summary>
    [Field(2, Inline = true)]
    public EmptyDirVolumeSource? EmptyDir { get; init; }

    /// <summary>A disk of Google Compute Engine. Deprecated, use CSI.</summary>
    [Field(3, Inline = true)]
    public GCEPersistentDiskVolumeSource? GcePersistentDisk { get; init; }

    /// <summary>A disk of Amazon. Deprecated, use CSI.</summary>
    [Field(4, Inline = true)]
    public AWSElasticBlockStoreVolumeSource? AwsElasticBlockStore { get; init; }

    /// <summary>A git repository, cloned when the pod starts. Deprecated.</summary>
    [Field(5, Inline = true)]
    public GitRepoVolumeSource? GitRepo { get; init; }

    /// <summary>A Secret, a file for each key.</summary>
    [Field(6, Inline = true)]
    public SecretVolumeSource? Secret { get; init; }

    /// <summary>A directory of an NFS server.</summary>
    [Field(7, Inline = true)]
    public NFSVolumeSource? Nfs { get; init; }

    /// <summary>An iSCSI disk.</summary>
    [Field(8, Inline = true)]
    public ISCSIVolumeSource? Iscsi { get; init; }

    /// <summary>A Gluster volume. Deprecated.</summary>
    [Field(9, Inline = true)]
    public GlusterfsVolumeSource? Glusterfs { get; init; }

    /// <summary>The volume that belongs to a PersistentVolumeClaim.</summary>
    [Field(10, Inline = true)]
    public PersistentVolumeClaimVolumeSource? PersistentVolumeClaim { get; init; }

    /// <summary>A Ceph block device. Deprecated.</summary>
    [Field(11, Inline = true)]
    public RBDVolumeSource? Rbd { get; init; }

    /// <summary>A volume of a driver that is a program on the node. Deprecated, use CSI.</summary>
    [Field(12, Inline = true)]
    public FlexVolumeSource? FlexVolume { get; init; }

    /// <summary>A disk of OpenStack. Deprecated, use CSI.</summary>
    [Field(13, Inline = true)]
    public CinderVolumeSource? Cinder { get; init; }

    /// <summary>A Ceph file system. Deprecated.</summary>
    [Field(14, Inline = true)]
    public CephFSVolumeSource? Cephfs { get; init; }

    /// <summary>A Flocker dataset. Deprecated.</summary>
    [Field(15, Inline = true)]
    public FlockerVolumeSource? Flocker { get; init; }

    /// <summary>Fields of the pod, a file for each.</summary>
    [Field(16, Inline = true)]
    public DownwardAPIVolumeSource? DownwardAPI { get; init; }

    /// <summary>A disk on Fibre Channel.</summary>
    [Field(17, Inline = true)]
    public FCVolumeSource? Fc { get; init; }

    /// <summary>A file share of Azure. Deprecated, use CSI.</summary>
    [Field(18, Inline = true)]
    public AzureFileVolumeSource? AzureFile { get; init; }

    /// <summary>A ConfigMap, a file for each key.</summary>
    [Field(19, Inline = true)]
    public ConfigMapVolumeSource? ConfigMap { get; init; }

    /// <summary>A disk of vSphere. Deprecated, use CSI.</summary>
    [Field(20, Inline = true)]
    public VsphereVirtualDiskVolumeSource? VsphereVolume { get; init; }

    /// <summary>A Quobyte volume. Deprecated.</summary>
    [Field(21, Inline = true)]
    public QuobyteVolumeSource? Quobyte { get; init; }

    /// <summary>A disk of Azure. Deprecated, use CSI.</summary>
    [Field(22, Inline = true)]
    public AzureDiskVolumeSource? AzureDisk { get; init; }

    /// <summary>A disk of Photon. Deprecated.</summary>
    [Field(23, Inline = true)]
    public PhotonPersistentDiskVolumeSource? PhotonPersistentDisk { get; init; }

    /// <summary>A Portworx volume. Deprecated, use CSI.</summary>
    [Field(24, Inline = true)]
    public PortworxVolumeSource? PortworxVolume { get; init; }

    /// <summary>A ScaleIO volume. Deprecated.</summary>
    [Field(25, Inline = true)]
    public ScaleIOVolumeSource? ScaleIO { get; init; }

    /// <summary>Several of Secret, ConfigMap, downward API, tokens and certificates in one directory.</summary>
    [Field(26, Inline = true)]
    public ProjectedVolumeSource? Projected { get; init; }

    /// <summary>A StorageOS volume. Deprecated.</summary>
    [Field(27, Inline = true)]
    public StorageOSVolumeSource? Storageos { get; init; }

    /// <summary>A volume of a CSI driver that lives as long as the pod.</summary>
    [Field(28, Inline = true)]
    public CSIVolumeSource? Csi { get; init; }

    /// <summary>A volume of a PersistentVolumeClaim that is made for the pod and goes with it.</summary>
    [Field(29, Inline = true)]
    public EphemeralVolumeSource? Ephemeral { get; init; }

    /// <summary>The content of an OCI image or artifact, read-only.</summary>
    [Field(30, Inline = true)]
    public ImageVolumeSource? Image { get; init; }
}

/// <summary>Puts one key of a ConfigMap or Secret at a path of a volume.</summary>
[ApiType("io.k8s.api.core.v1.KeyToPath")]
public sealed record KeyToPath
{
    /// <summary>The key in the Secret or ConfigMap.</summary>
    [Field(1, Required = true)]
    public string Key { get; init; } = "";

    /// <summary>Path of the file, relative and without '..'.</summary>
    [Field(2, Required = true)]
    public string Path { get; init; } = "";

    /// <summary>Permissions of the file, 0 to 0777 in octal. Default: those of the volume.</summary>
    [Field(3)]
    public int? Mode { get; init; }
}

/// <summary>A Secret's keys as files, held in memory only.</summary>
[ApiType("io.k8s.api.core.v1.SecretVolumeSource")]
public sealed record SecretVolumeSource
{
    /// <summary>Name of the Secret, in the namespace of the pod.</summary>
    [Field(1)]
    public string? SecretName { get; init; }

    /// <summary>Keys that become files. Absent: all, each under its own name.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<KeyToPath>? Items { get; init; }

    /// <summary>Permissions of the files, 0 to 0777 in octal (decimal in JSON). Default: 0644.</summary>
    [Field(3)]
    public int? DefaultMode { get; init; }

    /// <summary>Whether the Secret or a key may be missing. Default: false.</summary>
    [Field(4)]
    public bool? Optional { get; init; }
}

/// <summary>A ConfigMap's keys as files.</summary>
[ApiType("io.k8s.api.core.v1.ConfigMapVolumeSource")]
[ProtobufInline(1)]
public sealed record ConfigMapVolumeSource
{
    /// <summary>Keys that become files. Absent: all, each under its own name.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<KeyToPath>? Items { get; init; }

    /// <summary>Permissions of the files, 0 to 0777 in octal (decimal in JSON). Default: 0644.</summary>
    [Field(3)]
    public int? DefaultMode { get; init; }

    /// <summary>Whether the ConfigMap or a key may be missing. Default: false.</summary>
    [Field(4)]
    public bool? Optional { get; init; }

    /// <summary>Name of the ConfigMap, in the namespace of the pod.</summary>
    [Field(1, Inline = true)]
    public string? Name { get; init; }
}

/// <summary>A directory that is empty at first and lives as long as the pod.</summary>
[ApiType("io.k8s.api.core.v1.EmptyDirVolumeSource")]
public sealed record EmptyDirVolumeSource
{
    /// <summary>Where it is kept: '' on the node's disk, Memory in a tmpfs, HugePages in huge pages. Default: ''.</summary>
    [Field(1)]
    public string? Medium { get; init; }

    /// <summary>The most that may be in it. Default: no limit.</summary>
    [Field(2)]
    public Quantity? SizeLimit { get; init; }
}

/// <summary>A file or directory of the node itself.</summary>
[ApiType("io.k8s.api.core.v1.HostPathVolumeSource")]
public sealed record HostPathVolumeSource
{
    /// <summary>Path on the node.</summary>
    [Field(1, Required = true)]
    public string Path { get; init; } = "";

    /// <summary>
    /// What must be there: DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice or BlockDevice; '' checks
    /// nothing. Default: ''.
    /// </summary>
    [Field(2)]
    public string? Type { get; init; }
}

/// <summary>Facts about the pod as files.</summary>
[ApiType("io.k8s.api.core.v1.DownwardAPIVolumeSource")]
public sealed record DownwardAPIVolumeSource
{
    /// <summary>The files and what is in them.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<DownwardAPIVolumeFile>? Items { get; init; }

    /// <summary>Permissions of the files, 0 to 0777 in octal (decimal in JSON). Default: 0644.</summary>
    [Field(2)]
    public int? DefaultMode { get; init; }
}

/// <summary>One file of facts about the pod.</summary>
[ApiType("io.k8s.api.core.v1.DownwardAPIVolumeFile")]
public sealed record DownwardAPIVolumeFile
{
    /// <summary>Path of the file, relative and without '..'.</summary>
    [Field(1, Required = true)]
    public string Path { get; init; } = "";

    /// <summary>
    /// A field of the pod: metadata.name, metadata.namespace, metadata.uid, metadata.labels or metadata.annotations. Either
    /// this or resourceFieldRef.
    /// </summary>
    [Field(2)]
    public ObjectFieldSelector? FieldRef { get; init; }

    /// <summary>A request or limit of a container. Either this or fieldRef.</summary>
    [Field(3)]
    public ResourceFieldSelector? ResourceFieldRef { get; init; }

    /// <summary>Permissions of the file, 0 to 0777 in octal. Default: those of the volume.</summary>
    [Field(4)]
    public int? Mode { get; init; }
}

/// <summary>The content of an image as a read-only volume.</summary>
[ApiType("io.k8s.api.core.v1.ImageVolumeSource")]
public sealed record ImageVolumeSource
{
    /// <summary>Name of the image, as for containers.</summary>
    [Field(1)]
    public string? Reference { get; init; }

    /// <summary>When it is pulled: Always, IfNotPresent or Never. Default: Always for the tag latest or no tag, else IfNotPresent.</summary>
    [Field(2)]
    public string? PullPolicy { get; init; }
}

/// <summary>Uses a claim of the same namespace.</summary>
[ApiType("io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource")]
public sealed record PersistentVolumeClaimVolumeSource
{
    /// <summary>Name of the claim, in the namespace of the pod.</summary>
    [Field(1, Required = true)]
    public string ClaimName { get; init; } = "";

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(2)]
    public bool? ReadOnly { get; init; }
}
