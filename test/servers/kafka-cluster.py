"""A mock cluster with one topic and one group that has consumed a part of it; ends when its input does."""
import json
import sys

from confluent_kafka import Consumer, Producer, TopicPartition

TOPIC, GROUP, MESSAGES, CONSUMED = "payments", sys.argv[2], 8, 3

cluster = Producer({"test.mock.num.brokers": int(sys.argv[1])})
brokers = [f"{b.host}:{b.port}" for b in cluster.list_topics(timeout=10).brokers.values()]
for number in range(MESSAGES):
    cluster.produce(TOPIC, value=str(number), partition=0)
cluster.flush(10)
reader = Consumer({"bootstrap.servers": ",".join(brokers), "group.id": GROUP, "enable.auto.commit": False})
reader.commit(offsets=[TopicPartition(TOPIC, 0, CONSUMED)], asynchronous=False)
reader.close()
print(json.dumps({"brokers": brokers, "topic": TOPIC, "group": GROUP, "lag": MESSAGES - CONSUMED}), flush=True)
sys.stdin.read()
