using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>The sources that a volume may have, by their names in the API.</summary>
internal static class VolumeSources
{
    private static readonly (string Name, Func<Volume, object?> Read)[] All =
    [
        ("hostPath", v => v.HostPath), ("emptyDir", v => v.EmptyDir), ("gcePersistentDisk", v => v.GcePersistentDisk),
        ("awsElasticBlockStore", v => v.AwsElasticBlockStore), ("gitRepo", v => v.GitRepo), ("secret", v => v.Secret), ("nfs", v => v.Nfs),
        ("iscsi", v => v.Iscsi), ("glusterfs", v => v.Glusterfs), ("persistentVolumeClaim", v => v.PersistentVolumeClaim), ("rbd", v => v.Rbd),
        ("flexVolume", v => v.FlexVolume), ("cinder", v => v.Cinder), ("cephfs", v => v.Cephfs), ("flocker", v => v.Flocker),
        ("downwardAPI", v => v.DownwardAPI), ("fc", v => v.Fc), ("azureFile", v => v.AzureFile), ("configMap", v => v.ConfigMap),
        ("vsphereVolume", v => v.VsphereVolume), ("quobyte", v => v.Quobyte), ("azureDisk", v => v.AzureDisk),
        ("photonPersistentDisk", v => v.PhotonPersistentDisk), ("portworxVolume", v => v.PortworxVolume), ("scaleIO", v => v.ScaleIO),
        ("projected", v => v.Projected), ("storageos", v => v.Storageos), ("csi", v => v.Csi), ("ephemeral", v => v.Ephemeral), ("image", v => v.Image),
    ];

    /// <summary>Names of the sources that are set; a valid volume has exactly one.</summary>
    public static IReadOnlyList<string> OfVolume(Volume volume) => All.Where(source => source.Read(volume) is not null).Select(source => source.Name).ToList();
}
