using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>An AWS disk; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource")]
public sealed record AWSElasticBlockStoreVolumeSource
{
    [Field(1, Required = true)]
    public string VolumeID { get; init; } = "";

    [Field(2)]
    public string? FsType { get; init; }

    [Field(3)]
    public int? Partition { get; init; }

    [Field(4)]
    public bool? ReadOnly { get; init; }
}

/// <summary>An Azure disk; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.AzureDiskVolumeSource")]
public sealed record AzureDiskVolumeSource
{
    [Field(1, Required = true)]
    public string DiskName { get; init; } = "";

    [Field(2, Required = true)]
    public string DiskURI { get; init; } = "";

    [Field(3)]
    public string? CachingMode { get; init; }

    [Field(4)]
    public string? FsType { get; init; }

    [Field(5)]
    public bool? ReadOnly { get; init; }

    [Field(6)]
    public string? Kind { get; init; }
}

/// <summary>An Azure file share; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.AzureFileVolumeSource")]
public sealed record AzureFileVolumeSource
{
    [Field(1, Required = true)]
    public string SecretName { get; init; } = "";

    [Field(2, Required = true)]
    public string ShareName { get; init; } = "";

    [Field(3)]
    public bool? ReadOnly { get; init; }
}

/// <summary>A volume of a CSI driver; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.CSIVolumeSource")]
public sealed record CSIVolumeSource
{
    [Field(1, Required = true)]
    public string Driver { get; init; } = "";

    [Field(2)]
    public bool? ReadOnly { get; init; }

    [Field(3)]
    public string? FsType { get; init; }

    [Field(4)]
    public IReadOnlyDictionary<string, string>? VolumeAttributes { get; init; }

    [Field(5)]
    public LocalObjectReference? NodePublishSecretRef { get; init; }
}

/// <summary>A CephFS mount; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.CephFSVolumeSource")]
public sealed record CephFSVolumeSource
{
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<string> Monitors { get; init; } = [];

    [Field(2)]
    public string? Path { get; init; }

    [Field(3)]
    public string? User { get; init; }

    [Field(4)]
    public string? SecretFile { get; init; }

    [Field(5)]
    public LocalObjectReference? SecretRef { get; init; }

    [Field(6)]
    public bool? ReadOnly { get; init; }
}

/// <summary>An OpenStack disk; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.CinderVolumeSource")]
public sealed record CinderVolumeSource
{
    [Field(1, Required = true)]
    public string VolumeID { get; init; } = "";

    [Field(2)]
    public string? FsType { get; init; }

    [Field(3)]
    public bool? ReadOnly { get; init; }

    [Field(4)]
    public LocalObjectReference? SecretRef { get; init; }
}

/// <summary>A Fibre Channel disk; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.FCVolumeSource")]
public sealed record FCVolumeSource
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<string>? TargetWWNs { get; init; }

    [Field(2)]
    public int? Lun { get; init; }

    [Field(3)]
    public string? FsType { get; init; }

    [Field(4)]
    public bool? ReadOnly { get; init; }

    [Field(5, List = ListType.Atomic)]
    public IReadOnlyList<string>? Wwids { get; init; }
}

/// <summary>A volume of a FlexVolume driver; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.FlexVolumeSource")]
public sealed record FlexVolumeSource
{
    [Field(1, Required = true)]
    public string Driver { get; init; } = "";

    [Field(2)]
    public string? FsType { get; init; }

    [Field(3)]
    public LocalObjectReference? SecretRef { get; init; }

    [Field(4)]
    public bool? ReadOnly { get; init; }

    [Field(5)]
    public IReadOnlyDictionary<string, string>? Options { get; init; }
}

/// <summary>A Flocker volume; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.FlockerVolumeSource")]
public sealed record FlockerVolumeSource
{
    [Field(1)]
    public string? DatasetName { get; init; }

    [Field(2)]
    public string? DatasetUUID { get; init; }
}

/// <summary>A Google Compute Engine disk; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.GCEPersistentDiskVolumeSource")]
public sealed record GCEPersistentDiskVolumeSource
{
    [Field(1, Required = true)]
    public string PdName { get; init; } = "";

    [Field(2)]
    public string? FsType { get; init; }

    [Field(3)]
    public int? Partition { get; init; }

    [Field(4)]
    public bool? ReadOnly { get; init; }
}

/// <summary>A checkout of a git repository; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.GitRepoVolumeSource")]
public sealed record GitRepoVolumeSource
{
    [Field(1, Required = true)]
    public string Repository { get; init; } = "";

    [Field(2)]
    public string? Revision { get; init; }

    [Field(3)]
    public string? Directory { get; init; }
}

/// <summary>A GlusterFS mount; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.GlusterfsVolumeSource")]
public sealed record GlusterfsVolumeSource
{
    [Field(1, Required = true)]
    public string Endpoints { get; init; } = "";

    [Field(2, Required = true)]
    public string Path { get; init; } = "";

    [Field(3)]
    public bool? ReadOnly { get; init; }
}

/// <summary>An iSCSI disk; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.ISCSIVolumeSource")]
public sealed record ISCSIVolumeSource
{
    [Field(1, Required = true)]
    public string TargetPortal { get; init; } = "";

    [Field(2, Required = true)]
    public string Iqn { get; init; } = "";

    [Field(3, Required = true)]
    public int Lun { get; init; }

    [Field(4)]
    public string? IscsiInterface { get; init; }

    [Field(5)]
    public string? FsType { get; init; }

    [Field(6)]
    public bool? ReadOnly { get; init; }

    [Field(7, List = ListType.Atomic)]
    public IReadOnlyList<string>? Portals { get; init; }

    [Field(8)]
    public bool? ChapAuthDiscovery { get; init; }

    [Field(10)]
    public LocalObjectReference? SecretRef { get; init; }

    [Field(11)]
    public bool? ChapAuthSession { get; init; }

    [Field(12)]
    public string? InitiatorName { get; init; }
}

/// <summary>An NFS mount; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.NFSVolumeSource")]
public sealed record NFSVolumeSource
{
    [Field(1, Required = true)]
    public string Server { get; init; } = "";

    [Field(2, Required = true)]
    public string Path { get; init; } = "";

    [Field(3)]
    public bool? ReadOnly { get; init; }
}

/// <summary>A Photon disk; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource")]
public sealed record PhotonPersistentDiskVolumeSource
{
    [Field(1, Required = true)]
    public string PdID { get; init; } = "";

    [Field(2)]
    public string? FsType { get; init; }
}

/// <summary>A Portworx volume; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.PortworxVolumeSource")]
public sealed record PortworxVolumeSource
{
    [Field(1, Required = true)]
    public string VolumeID { get; init; } = "";

    [Field(2)]
    public string? FsType { get; init; }

    [Field(3)]
    public bool? ReadOnly { get; init; }
}

/// <summary>A Quobyte mount; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.QuobyteVolumeSource")]
public sealed record QuobyteVolumeSource
{
    [Field(1, Required = true)]
    public string Registry { get; init; } = "";

    [Field(2, Required = true)]
    public string Volume { get; init; } = "";

    [Field(3)]
    public bool? ReadOnly { get; init; }

    [Field(4)]
    public string? User { get; init; }

    [Field(5)]
    public string? Group { get; init; }

    [Field(6)]
    public string? Tenant { get; init; }
}

/// <summary>A Ceph block device; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.RBDVolumeSource")]
public sealed record RBDVolumeSource
{
    [Field(1, Required = true, List = ListType.Atomic)]
    public IReadOnlyList<string> Monitors { get; init; } = [];

    [Field(2, Required = true)]
    public string Image { get; init; } = "";

    [Field(3)]
    public string? FsType { get; init; }

    [Field(4)]
    public string? Pool { get; init; }

    [Field(5)]
    public string? User { get; init; }

    [Field(6)]
    public string? Keyring { get; init; }

    [Field(7)]
    public LocalObjectReference? SecretRef { get; init; }

    [Field(8)]
    public bool? ReadOnly { get; init; }
}

/// <summary>A ScaleIO volume; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.ScaleIOVolumeSource")]
public sealed record ScaleIOVolumeSource
{
    [Field(1, Required = true)]
    public string Gateway { get; init; } = "";

    [Field(2, Required = true)]
    public string System { get; init; } = "";

    [Field(3, Required = true)]
    public LocalObjectReference SecretRef { get; init; } = new();

    [Field(4)]
    public bool? SslEnabled { get; init; }

    [Field(5)]
    public string? ProtectionDomain { get; init; }

    [Field(6)]
    public string? StoragePool { get; init; }

    [Field(7)]
    public string? StorageMode { get; init; }

    [Field(8)]
    public string? VolumeName { get; init; }

    [Field(9)]
    public string? FsType { get; init; }

    [Field(10)]
    public bool? ReadOnly { get; init; }
}

/// <summary>A StorageOS volume; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.StorageOSVolumeSource")]
public sealed record StorageOSVolumeSource
{
    [Field(1)]
    public string? VolumeName { get; init; }

    [Field(2)]
    public string? VolumeNamespace { get; init; }

    [Field(3)]
    public string? FsType { get; init; }

    [Field(4)]
    public bool? ReadOnly { get; init; }

    [Field(5)]
    public LocalObjectReference? SecretRef { get; init; }
}

/// <summary>A vSphere disk; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource")]
public sealed record VsphereVirtualDiskVolumeSource
{
    [Field(1, Required = true)]
    public string VolumePath { get; init; } = "";

    [Field(2)]
    public string? FsType { get; init; }

    [Field(3)]
    public string? StoragePolicyName { get; init; }

    [Field(4)]
    public string? StoragePolicyID { get; init; }
}
