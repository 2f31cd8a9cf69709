// @alicloud/mns brings no types: as much of it as the tests call.
declare module '@alicloud/mns' {
  interface Answer<B = Record<string, string>> {
    readonly code: number;
    readonly headers: Record<string, string>;
    readonly body: B;
  }
  interface Options {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly securityToken?: string;
    readonly endpoint: string;
  }
  export default class Mns {
    constructor(account: string, options: Options);
    createQueue(name: string, attributes?: object): Promise<Answer>;
    deleteQueue(name: string): Promise<Answer>;
    getQueueAttributes(name: string): Promise<Answer>;
    sendMessage(name: string, message: object): Promise<Answer>;
    receiveMessage(name: string, waitSeconds?: number): Promise<Answer>;
    batchReceiveMessage(name: string, most: number): Promise<Answer<Record<string, string>[]>>;
    peekMessage(name: string): Promise<Answer>;
    deleteMessage(name: string, receipt: string): Promise<Answer>;
    changeMessageVisibility(name: string, receipt: string, seconds: number): Promise<Answer>;
  }
}
