using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A volume of a CSI driver; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.CSIVolumeSource")]
public sealed record CSIVolumeSource
{
    /// <summary>Name of the CSI driver.</summary>
    [Field(1, Required = true)]
    public string Driver { get; init; } = "";

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(2)]
    public bool? ReadOnly { get; init; }

    /// <summary>File system on it, e.g. ext4. Default: as the driver decides.</summary>
    [Field(3)]
    public string? FsType { get; init; }

    /// <summary>Settings for the driver.</summary>
    [Field(4)]
    public IReadOnlyDictionary<string, string>? VolumeAttributes { get; init; }

    /// <summary>Secret that is handed to the driver when it mounts the volume.</summary>
    [Field(5)]
    public LocalObjectReference? NodePublishSecretRef { get; init; }
}

/// <summary>A CephFS mount; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.CephFSVolumeSource")]
public sealed record CephFSVolumeSource
{
    /// <summary>Addresses of Ceph monitors.</summary>
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<string> Monitors { get; init; } = [];

    /// <summary>Directory that is mounted. Default: /.</summary>
    [Field(2)]
    public string? Path { get; init; }

    /// <summary>User at Ceph. Default: admin.</summary>
    [Field(3)]
    public string? User { get; init; }

    /// <summary>File of the node with the user's key. Default: /etc/ceph/user.secret.</summary>
    [Field(4)]
    public string? SecretFile { get; init; }

    /// <summary>Secret with the user's key, instead of secretFile.</summary>
    [Field(5)]
    public LocalObjectReference? SecretRef { get; init; }

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(6)]
    public bool? ReadOnly { get; init; }
}

/// <summary>A Fibre Channel disk; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.FCVolumeSource")]
public sealed record FCVolumeSource
{
    /// <summary>World wide names of the targets.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<string>? TargetWWNs { get; init; }

    /// <summary>Number of the logical unit.</summary>
    [Field(2)]
    public int? Lun { get; init; }

    /// <summary>File system on it, e.g. ext4. Default: ext4.</summary>
    [Field(3)]
    public string? FsType { get; init; }

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(4)]
    public bool? ReadOnly { get; init; }

    /// <summary>World wide identities of the disk. Either these, or targetWWNs and lun.</summary>
    [Field(5, List = ListType.Atomic)]
    public IReadOnlyList<string>? Wwids { get; init; }
}

/// <summary>A volume of a FlexVolume driver; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.FlexVolumeSource")]
public sealed record FlexVolumeSource
{
    /// <summary>Name of the driver.</summary>
    [Field(1, Required = true)]
    public string Driver { get; init; } = "";

    /// <summary>File system on it, e.g. ext4. Default: as the driver decides.</summary>
    [Field(2)]
    public string? FsType { get; init; }

    /// <summary>Secret that is handed to the driver.</summary>
    [Field(3)]
    public LocalObjectReference? SecretRef { get; init; }

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(4)]
    public bool? ReadOnly { get; init; }

    /// <summary>Settings for the driver.</summary>
    [Field(5)]
    public IReadOnlyDictionary<string, string>? Options { get; init; }
}

/// <summary>A Flocker volume; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.FlockerVolumeSource")]
public sealed record FlockerVolumeSource
{
    /// <summary>Name of the dataset. Deprecated, use datasetUUID.</summary>
    [Field(1)]
    public string? DatasetName { get; init; }

    /// <summary>Identity of the dataset.</summary>
    [Field(2)]
    public string? DatasetUUID { get; init; }
}

/// <summary>A checkout of a git repository; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.GitRepoVolumeSource")]
public sealed record GitRepoVolumeSource
{
    /// <summary>Address of the repository.</summary>
    [Field(1, Required = true)]
    public string Repository { get; init; } = "";

    /// <summary>Commit that is checked out.</summary>
    [Field(2)]
    public string? Revision { get; init; }

    /// <summary>Directory that is cloned into; '.' is the volume itself. Default: the name of the repository.</summary>
    [Field(3)]
    public string? Directory { get; init; }
}

/// <summary>A GlusterFS mount; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.GlusterfsVolumeSource")]
public sealed record GlusterfsVolumeSource
{
    /// <summary>Name of an Endpoints object with the servers.</summary>
    [Field(1, Required = true)]
    public string Endpoints { get; init; } = "";

    /// <summary>Name of the Gluster volume.</summary>
    [Field(2, Required = true)]
    public string Path { get; init; } = "";

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(3)]
    public bool? ReadOnly { get; init; }
}

/// <summary>An iSCSI disk; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.ISCSIVolumeSource")]
public sealed record ISCSIVolumeSource
{
    /// <summary>Address of the target, with the port where that is not 860 or 3260.</summary>
    [Field(1, Required = true)]
    public string TargetPortal { get; init; } = "";

    /// <summary>Name of the target.</summary>
    [Field(2, Required = true)]
    public string Iqn { get; init; } = "";

    /// <summary>Number of the logical unit.</summary>
    [Field(3, Required = true)]
    public int Lun { get; init; }

    /// <summary>Interface of the initiator. Default: default, which is TCP.</summary>
    [Field(4)]
    public string? IscsiInterface { get; init; }

    /// <summary>File system on it, e.g. ext4. Default: ext4.</summary>
    [Field(5)]
    public string? FsType { get; init; }

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(6)]
    public bool? ReadOnly { get; init; }

    /// <summary>Further addresses of the target.</summary>
    [Field(7, List = ListType.Atomic)]
    public IReadOnlyList<string>? Portals { get; init; }

    /// <summary>Whether discovery is authenticated by CHAP.</summary>
    [Field(8)]
    public bool? ChapAuthDiscovery { get; init; }

    /// <summary>Secret with the credentials for CHAP.</summary>
    [Field(10)]
    public LocalObjectReference? SecretRef { get; init; }

    /// <summary>Whether sessions are authenticated by CHAP.</summary>
    [Field(11)]
    public bool? ChapAuthSession { get; init; }

    /// <summary>Name of the initiator.</summary>
    [Field(12)]
    public string? InitiatorName { get; init; }
}

/// <summary>An NFS mount; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.NFSVolumeSource")]
public sealed record NFSVolumeSource
{
    /// <summary>Host name or address of the server.</summary>
    [Field(1, Required = true)]
    public string Server { get; init; } = "";

    /// <summary>Directory that the server exports.</summary>
    [Field(2, Required = true)]
    public string Path { get; init; } = "";

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(3)]
    public bool? ReadOnly { get; init; }
}

/// <summary>A Portworx volume; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.PortworxVolumeSource")]
public sealed record PortworxVolumeSource
{
    /// <summary>Identity of the volume.</summary>
    [Field(1, Required = true)]
    public string VolumeID { get; init; } = "";

    /// <summary>File system on it, ext4 or xfs. Default: ext4.</summary>
    [Field(2)]
    public string? FsType { get; init; }

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(3)]
    public bool? ReadOnly { get; init; }
}

/// <summary>A Quobyte mount; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.QuobyteVolumeSource")]
public sealed record QuobyteVolumeSource
{
    /// <summary>Addresses of the registry, as HOST:PORT with commas between them.</summary>
    [Field(1, Required = true)]
    public string Registry { get; init; } = "";

    /// <summary>Name of the volume.</summary>
    [Field(2, Required = true)]
    public string Volume { get; init; } = "";

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(3)]
    public bool? ReadOnly { get; init; }

    /// <summary>User as which it is used. Default: that of the container.</summary>
    [Field(4)]
    public string? User { get; init; }

    /// <summary>Group as which it is used. Default: none.</summary>
    [Field(5)]
    public string? Group { get; init; }

    /// <summary>Tenant that owns the volume.</summary>
    [Field(6)]
    public string? Tenant { get; init; }
}

/// <summary>A Ceph block device; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.RBDVolumeSource")]
public sealed record RBDVolumeSource
{
    /// <summary>Addresses of Ceph monitors.</summary>
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<string> Monitors { get; init; } = [];

    /// <summary>Name of the image.</summary>
    [Field(2, Required = true)]
    public string Image { get; init; } = "";

    /// <summary>File system on it, e.g. ext4. Default: ext4.</summary>
    [Field(3)]
    public string? FsType { get; init; }

    /// <summary>Pool of the image. Default: rbd.</summary>
    [Field(4)]
    public string? Pool { get; init; }

    /// <summary>User at Ceph. Default: admin.</summary>
    [Field(5)]
    public string? User { get; init; }

    /// <summary>File of the node with the user's key. Default: /etc/ceph/keyring.</summary>
    [Field(6)]
    public string? Keyring { get; init; }

    /// <summary>Secret with the user's key, instead of keyring.</summary>
    [Field(7)]
    public LocalObjectReference? SecretRef { get; init; }

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(8)]
    public bool? ReadOnly { get; init; }
}

/// <summary>A ScaleIO volume; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.ScaleIOVolumeSource")]
public sealed record ScaleIOVolumeSource
{
    /// <summary>Address of the gateway.</summary>
    [Field(1, Required = true)]
    public string Gateway { get; init; } = "";

    /// <summary>Name of the storage system.</summary>
    [Field(2, Required = true)]
    public string System { get; init; } = "";

    /// <summary>Secret with the credentials.</summary>
    [Field(3, Required = true)]
    public LocalObjectReference SecretRef { get; init; } = new();

    /// <summary>Whether the gateway is reached by TLS. Default: false.</summary>
    [Field(4)]
    public bool? SslEnabled { get; init; }

    /// <summary>Name of the protection domain.</summary>
    [Field(5)]
    public string? ProtectionDomain { get; init; }

    /// <summary>Name of the storage pool.</summary>
    [Field(6)]
    public string? StoragePool { get; init; }

    /// <summary>ThickProvisioned or ThinProvisioned. Default: ThinProvisioned.</summary>
    [Field(7)]
    public string? StorageMode { get; init; }

    /// <summary>Name of the volume.</summary>
    [Field(8)]
    public string? VolumeName { get; init; }

    /// <summary>File system on it, e.g. ext4. Default: xfs.</summary>
    [Field(9)]
    public string? FsType { get; init; }

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(10)]
    public bool? ReadOnly { get; init; }
}

/// <summary>A StorageOS volume; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.StorageOSVolumeSource")]
public sealed record StorageOSVolumeSource
{
    /// <summary>Name of the volume.</summary>
    [Field(1)]
    public string? VolumeName { get; init; }

    /// <summary>Namespace of the volume at StorageOS. Default: that of the pod.</summary>
    [Field(2)]
    public string? VolumeNamespace { get; init; }

    /// <summary>File system on it, e.g. ext4. Default: ext4.</summary>
    [Field(3)]
    public string? FsType { get; init; }

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(4)]
    public bool? ReadOnly { get; init; }

    /// <summary>Secret with the credentials.</summary>
    [Field(5)]
    public LocalObjectReference? SecretRef { get; init; }
}
