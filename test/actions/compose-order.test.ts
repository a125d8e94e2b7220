import { expect, test } from 'vitest';
import { startOrder } from '../../src/actions/compose/order.ts';

const container = (service: string, needs = '') => ({
  name: `shop-${service}-1`,
  labels: { 'com.docker.compose.service': service, 'com.docker.compose.depends_on': needs },
});
const order = (...containers: readonly ReturnType<typeof container>[]) =>
  startOrder(containers).map(({ labels }) => labels['com.docker.compose.service']);

test('what others need is started before them, whatever it is called', () => {
  const api = container('api', 'zookeeper:service_healthy:false,cache:service_started:true');
  const found = order(api, container('cache', 'zookeeper:service_started:false'), container('zookeeper'));
  expect(found).toEqual(['zookeeper', 'cache', 'api']);
});

test('where nothing is said it goes by name; a circle and an unknown service do no harm', () => {
  expect(order(container('b'), container('a'))).toEqual(['a', 'b']);
  const circle = order(
    container('a', 'b:service_started:false'),
    container('b', 'a:service_started:false,gone::'),
  );
  expect(circle).toEqual(['b', 'a']);
});
