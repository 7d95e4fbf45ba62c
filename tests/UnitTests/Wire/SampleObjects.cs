using System.Text;
using System.Text.Json.Nodes;
using KubeApi;
using UnitTests.Certificates;

namespace UnitTests.Wire;

/// <summary>A sound object of each kind, with a bit of everything.</summary>
internal static class SampleObjects
{
    private const string Pod = """{"containers":[{"name":"c","image":"nginx:1","command":["sh","-c","x"],"env":[{"name":"A","value":"b"}],"ports":[{"name":"web","containerPort":80}],"resources":{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"cpu":"1"}},"volumeMounts":[{"name":"v","mountPath":"/v"}],"livenessProbe":{"httpGet":{"path":"/","port":80}}}],"volumes":[{"name":"v","emptyDir":{}}],"nodeSelector":{"a":"b"},"tolerations":[{"key":"k","operator":"Exists"}]""";

    private const string Template = """{"metadata":{"labels":{"app":"a"}},"spec":""" + Pod + "}}";

    private const string Workload = """{"spec":{"selector":{"matchLabels":{"app":"a"}},"template":""" + Template + "}}";

    private static readonly Dictionary<string, string> Bodies = new()
    {
        ["pods"] = """{"spec":""" + Pod + "}}",
        ["deployments.apps"] = Workload,
        ["replicasets.apps"] = Workload,
        ["daemonsets.apps"] = Workload,
        ["replicationcontrollers"] = """{"spec":{"replicas":1,"selector":{"app":"a"},"template":""" + Template + "}}",
        ["jobs.batch"] = """{"spec":{"template":{"spec":""" + Pod + ""","restartPolicy":"Never"}}}}""",
        ["services"] = """{"spec":{"selector":{"app":"a"},"ports":[{"name":"web","port":80,"targetPort":"web"}]}}""",
        ["configmaps"] = """{"data":{"a":"b"},"binaryData":{"c":"AAEC"}}""",
        ["secrets"] = """{"data":{"a":"AAEC"},"stringData":{"b":"c"}}""",
        ["endpoints"] = """{"subsets":[{"addresses":[{"ip":"10.1.1.1"}],"ports":[{"port":80}]}]}""",
        ["endpointslices.discovery.k8s.io"] = """{"addressType":"IPv4","endpoints":[{"addresses":["10.1.1.1"]}],"ports":[{"port":80}]}""",
        ["events"] = """{"involvedObject":{"kind":"Pod","namespace":"fuzz","name":"a"},"reason":"R","message":"m","type":"Normal"}""",
        ["leases.coordination.k8s.io"] = """{"spec":{"holderIdentity":"a","leaseDurationSeconds":40,"renewTime":"2026-01-01T00:00:00.000000Z"}}""",
        ["poddisruptionbudgets.policy"] = """{"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"a"}}}}""",
        ["roles.rbac.authorization.k8s.io"] = """{"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]}""",
        ["clusterroles.rbac.authorization.k8s.io"] = """{"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]}""",
        ["rolebindings.rbac.authorization.k8s.io"] = """{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"sample"},"subjects":[{"kind":"User","name":"u","apiGroup":"rbac.authorization.k8s.io"}]}""",
        ["clusterrolebindings.rbac.authorization.k8s.io"] = """{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"sample"},"subjects":[{"kind":"User","name":"u","apiGroup":"rbac.authorization.k8s.io"}]}""",
        ["certificatesigningrequests.certificates.k8s.io"] = """{"spec":{"signerName":"example.com/signer","usages":["client auth"],"request":"%s"}}"""
            .Replace("%s", Convert.ToBase64String(Encoding.ASCII.GetBytes(TestSigningRequests.Pem("CN=sample"))), StringComparison.Ordinal),
        ["controllerrevisions.apps"] = """{"revision":1,"data":{"a":1}}""",
        ["nodes"] = """{"spec":{"taints":[{"key":"k","value":"v","effect":"NoSchedule"}]},"status":{"addresses":[{"type":"InternalIP","address":"10.2.2.2"}],"capacity":{"cpu":"4"}}}""",
    };

    public static JsonObject Of(Resource resource, string name)
    {
        var obj = JsonNode.Parse(Bodies.GetValueOrDefault(resource.QualifiedName, "{}"))!.AsObject();
        obj["kind"] = resource.Kind;
        obj["apiVersion"] = resource.ApiVersion;
        obj["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["l"] = "x" } };
        if (resource.Namespaced) obj["metadata"]!["namespace"] = "fuzz";
        return obj;
    }
}
