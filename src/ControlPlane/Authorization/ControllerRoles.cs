using ControlPlane.Certificates;
using KubeApi.Objects;
using static ControlPlane.Authorization.DefaultRoles;

namespace ControlPlane.Authorization;

/// <summary>Cluster roles <c>system:controller:NAME</c>, one for each controller, with what it needs and no more.</summary>
internal static class ControllerRoles
{
    public const string Prefix = "system:controller:";

    private static readonly PolicyRule[] Events = [Rule("create patch update", "", "events"), Rule("create patch update", "events.k8s.io", "events")];

    public static IReadOnlyList<ClusterRole> All { get; } =
    [
        Of("certificate-controller", Rule("delete get list watch", "certificates.k8s.io", "certificatesigningrequests"),
            Rule("update", "certificates.k8s.io", "certificatesigningrequests/approval certificatesigningrequests/status"),
            Rule("approve", "certificates.k8s.io", "signers") with { ResourceNames = [Signers.KubeletClient, Signers.KubeletServing] },
            Rule("sign", "certificates.k8s.io", "signers") with { ResourceNames = Signers.Served }, Rule("create", "authorization.k8s.io", "subjectaccessreviews")),
        Of("clusterrole-aggregation-controller", Rule("escalate get list patch update watch", "rbac.authorization.k8s.io", "clusterroles")),
        Of("daemon-set-controller", Rule("get list watch", "apps", "daemonsets"), Rule("update", "apps", "daemonsets/status"), Rule("update", "apps", "daemonsets/finalizers"),
            Rule("list watch", "", "nodes"), Rule("create delete list patch watch", "", "pods"), Rule("create", "", "pods/binding"),
            Rule("create delete get list patch update watch", "apps", "controllerrevisions")),
        Of("deployment-controller", Rule("get list update watch", "apps", "deployments"), Rule("update", "apps", "deployments/status"), Rule("update", "apps", "deployments/finalizers"),
            Rule("create delete get list patch update watch", "apps", "replicasets"), Rule("get list update watch", "", "pods")),
        Of("disruption-controller", Rule("get list watch", "apps", "deployments replicasets statefulsets"), Rule("get list watch", "", "replicationcontrollers pods"),
            Rule("get list watch", "policy", "poddisruptionbudgets"), Rule("update", "policy", "poddisruptionbudgets/status"), Rule("patch update", "", "pods/status"), Rule("get", "*", "*/scale")),
        Of("dns-endpoints-controller", Rule("get list watch", "", "services nodes"), Rule("create get list update watch", "", "endpoints"), Rule("create", "", "endpoints/restricted")),
        Of("endpoint-controller", Rule("get list watch", "", "services pods"), Rule("create delete get list update", "", "endpoints"), Rule("create", "", "endpoints/restricted")),
        Of("endpointslice-controller", Rule("get list watch", "", "services pods nodes"), Rule("update", "", "services/finalizers"),
            Rule("create delete get list update", "discovery.k8s.io", "endpointslices"), Rule("create", "discovery.k8s.io", "endpointslices/restricted")),
        Of("endpointslicemirroring-controller", Rule("get list watch", "", "services endpoints"), Rule("update", "", "services/finalizers endpoints/finalizers"),
            Rule("create delete get list update", "discovery.k8s.io", "endpointslices"), Rule("create", "discovery.k8s.io", "endpointslices/restricted")),
        Of("generic-garbage-collector", Rule("delete get list patch update watch", "*", "*")),
        Of("job-controller", Rule("get list patch update watch", "batch", "jobs"), Rule("update", "batch", "jobs/status"), Rule("update", "batch", "jobs/finalizers"),
            Rule("create delete list patch watch", "", "pods")),
        Of("namespace-controller", Rule("delete get list watch", "", "namespaces"), Rule("update", "", "namespaces/finalize namespaces/status"), Rule("delete deletecollection get list", "*", "*")),
        Of("node-controller", Rule("delete get list patch update", "", "nodes"), Rule("patch update", "", "nodes/status"), Rule("patch update", "", "pods/status"), Rule("delete list", "", "pods"),
            Rule("get list watch", "coordination.k8s.io", "leases")),
        Of("pod-garbage-collector", Rule("delete list watch", "", "pods"), Rule("get list", "", "nodes"), Rule("patch", "", "pods/status")),
        Of("pod-withdrawal-controller", Rule("list watch", "", "services nodes"), Rule("list watch", "discovery.k8s.io", "endpointslices"), Rule("list watch", "coordination.k8s.io", "leases"),
            Rule("list patch watch", "", "pods")),
        Of("replicaset-controller", Rule("get list update watch", "apps", "replicasets"), Rule("update", "apps", "replicasets/status"), Rule("update", "apps", "replicasets/finalizers"),
            Rule("create delete list patch watch", "", "pods")),
        Of("replication-controller", Rule("get list update watch", "", "replicationcontrollers"), Rule("update", "", "replicationcontrollers/status"),
            Rule("update", "", "replicationcontrollers/finalizers"), Rule("create delete list patch watch", "", "pods")),
        Of("root-ca-cert-publisher", Rule("create update", "", "configmaps")),
        Of("service-account-controller", Rule("create", "", "serviceaccounts")),
        Of("service-controller", Rule("get list watch patch", "", "services"), Rule("patch update", "", "services/status")),
        Of("service-programmed-controller", Rule("list watch", "", "services nodes"), Rule("list watch", "discovery.k8s.io", "endpointslices"), Rule("list watch", "coordination.k8s.io", "leases"),
            Rule("patch", "", "services/status")),
        Of("ttl-after-finished-controller", Rule("delete get list watch", "batch", "jobs")),
    ];

    private static ClusterRole Of(string name, params PolicyRule[] rules) => Role(Prefix + name, [.. rules, .. Events]);
}
